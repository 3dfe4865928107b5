// The search that every test run makes: many whole runs on what was built, on all cores, and the runs
// that once failed. What it finds is a bug of a package or of the simulator: the message is the
// command that shows it.

import { existsSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { commandFor } from '../src/cli/arguments.ts';
import { runPool, type SeedTask } from '../src/cli/pool.ts';
import { Totals } from '../src/cli/totals.ts';
import { TWICE_EVERY } from '../src/run-seed.ts';
import type { Settings } from '../src/settings.ts';
import { OPEN_FINDINGS } from './open-findings.ts';
import { REGRESSIONS } from './regressions.ts';

const SEEDS = 300;
const SIMULATED_MS = 120_000;
/** Forming and healing come on top. */
const SETTINGS: Settings = { faultyMs: SIMULATED_MS };
/** Far more than it takes; a run that does not end is found by its events. */
const TIMEOUT_MS = 900_000;

const worker = new URL('../dist/cli/worker.js', import.meta.url);

/** Runs all of them; gives what failed, as the commands that show it, behind the invariant. */
async function search(tasks: readonly SeedTask[], totals: Totals): Promise<string[]> {
  if (!existsSync(fileURLToPath(worker))) throw new Error('not built: npm run build');
  const left = tasks.values();
  const failed: string[] = [];
  await runPool({
    worker,
    jobs: availableParallelism(),
    next: () => left.next().value ?? null,
    done: (outcome, { seed, settings }) => {
      totals.add(outcome);
      const { failure } = outcome;
      if (failure !== null) {
        const { invariant, message } = failure;
        failed.push(`${invariant}: ${message}\n  ${commandFor(seed, settings, null)}`);
      }
      return true;
    },
  });
  return failed;
}

/** Past vitest, which shows the output of failing tests alone. */
function tell(...lines: readonly string[]): void {
  writeSync(1, lines.map((line) => `simulator: ${line}\n`).join(''));
}

describe('the search', () => {
  test(
    `${SEEDS} seeds of ${SIMULATED_MS / 1000} simulated seconds find nothing`,
    async () => {
      const totals = new Totals();
      const tasks = Array.from({ length: SEEDS }, (_, i): SeedTask => {
        return { seed: i + 1, settings: SETTINGS, base: {} };
      });
      const startMs = performance.now();
      const failed = await search(tasks, totals);
      const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
      tell(...totals.lines(), `${seconds} s; ${Math.floor(SEEDS / TWICE_EVERY)} seeds ran twice`);
      expect(failed.join('\n')).toBe('');
      expect(totals.seeds).toBe(SEEDS);
      expect(totals.shortestMs).toBeGreaterThanOrEqual(SIMULATED_MS);
      expect(totals.acknowledgedWrites).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  test(
    `${REGRESSIONS.length} runs that failed before find nothing`,
    async () => {
      const tasks = REGRESSIONS.map(({ seed, settings }) => ({ seed, settings, base: {} }));
      expect((await search(tasks, new Totals())).join('\n')).toBe('');
    },
    TIMEOUT_MS,
  );

  test.each(OPEN_FINDINGS)(
    'the open finding of seed $seed still fails as is known: $invariant',
    async ({ seed, settings, invariant, known }) => {
      const failed = await search([{ seed, settings, base: {} }], new Totals());
      tell(`open: seed ${seed}: ${invariant}: ${known}`);
      expect(failed.join('\n')).toMatch(new RegExp(`^${invariant}: `));
    },
    TIMEOUT_MS,
  );
});
