// Looks for a mutant: builds it, lets a thread run seeds until one fails, or play a script, and takes the
// build away.

import { Worker } from 'node:worker_threads';
import type { SeedOutcome } from '../../run-seed.ts';
import { runPool } from '../pool.ts';
import { buildMutant, readScript, realBuild } from './build.ts';
import type { ScriptedMutant, SearchedMutant } from './mutant.ts';

export interface Search {
  readonly firstSeed: number;
  readonly seedsMax: number;
}

/** What a search came to. */
export interface Found {
  /** How many were run; the last of them failed, if any did. */
  readonly seeds: number;
  readonly simulatedMs: number;
  readonly elapsedMs: number;
  readonly failed: SeedOutcome | null;
}

/**
 * Runs seeds with the options of a mutant, up to the first that fails, with its bug or, as a
 * comparison, without any. Throws MutantError where the mutant does not apply.
 */
export async function searchMutant(
  mutant: SearchedMutant,
  { firstSeed, seedsMax }: Search,
  rules: 'mutated' | 'real' = 'mutated',
): Promise<Found> {
  const startMs = performance.now();
  const build = rules === 'mutated' ? buildMutant(mutant) : realBuild();
  let seed = firstSeed;
  let simulatedMs = 0;
  let seeds = 0;
  let failed: SeedOutcome | null = null;
  try {
    await runPool({
      worker: build.worker,
      jobs: 1,
      next: () => {
        const isOver = seed === firstSeed + seedsMax;
        return isOver ? null : { seed: seed++, settings: {}, base: mutant.options };
      },
      done: (outcome) => {
        seeds++;
        simulatedMs += outcome.simulatedMs;
        if (outcome.failure !== null) failed = outcome;
        return outcome.failure === null;
      },
    });
  } finally {
    build.remove();
  }
  return { seeds, simulatedMs, elapsedMs: performance.now() - startMs, failed };
}

/**
 * Plays the script of a mutant with its bug. Gives what came otherwise than the script says; null:
 * nothing. Throws MutantError where the mutant does not apply.
 */
export async function playMutant(mutant: ScriptedMutant): Promise<string | null> {
  const build = buildMutant(mutant);
  try {
    return await new Promise<string | null>((resolve, reject) => {
      const player = new URL('./mutants/script-worker.js', build.worker);
      const worker = new Worker(player, { workerData: readScript(mutant), execArgv: [] });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  } finally {
    build.remove();
  }
}
