// What the write lease and the rule about standstills are worth: the same seeds with and without each of
// them, and which acknowledged writes were gone in the end, by cause. A page for docs/lost-writes.md.

import { availableParallelism } from 'node:os';
import type { SimulationOptions } from '../options.ts';
import type { SeedOutcome } from '../run-seed.ts';
import { optionsWith } from '../settings.ts';
import type { Context } from './context.ts';
import { writeText } from './files.ts';
import { runPool, type SeedTask } from './pool.ts';
import { countsText, Totals } from './totals.ts';

const WORKER = new URL('./worker.js', import.meta.url);

/** Three primaries with a replica each; they are cut off, stand still and end while clients write to all sides. */
export const LOSSY: Partial<SimulationOptions> = {
  nodes: 6,
  voters: 3,
  start: 'files',
  faultyMs: 60_000,
  codec: false,
  cluster: { nodeTimeoutMs: 2000, lease: true, requireFullCoverage: false, blacklistTtlS: 60 },
  replication: {
    ...{ replicas: 3, saveEveryMs: 1000, shutdownTimeoutMs: 10_000 },
    machine: { backlogBytes: 1_048_576, disklessSyncDelayMs: 0, pingPeriodMs: 1000 },
  },
  delay: { minMs: 1, meanMs: 2 },
  clockRate: { min: 0.999, max: 1.001 },
  disk: { minMs: 2, meanMs: 3 },
  beyond: [],
  faults: [
    {
      name: 'partition',
      everyMs: 8000,
      options: { modes: ['isolate', 'halves', 'bridge', 'oneWay'], timeoutsMax: 4 },
    },
    { name: 'replication-cut', everyMs: 15_000, options: { modes: ['pair'], timeoutsMax: 2 } },
    { name: 'pause', everyMs: 5000, options: { nodesMax: 1, timeoutsMax: 5 } },
    { name: 'stall', everyMs: 0, options: { nodesMax: 3, everyMs: 4000, timeoutsMax: 1 } },
    { name: 'crash', everyMs: 15_000, options: { powerLoss: 0.5, nodesMax: 1, timeoutsMax: 3 } },
  ],
  operators: { actions: [], everyMs: 1000, stepMs: 100, interruption: 0 },
  workloads: [{ name: 'writes', everyMs: 20, options: { slots: 16 } }],
};

/** One way to run the seeds. */
export interface Variant {
  readonly lease: boolean;
  readonly stallGuard: boolean;
}

export const VARIANTS: readonly Variant[] = [true, false].flatMap((lease) => {
  return [true, false].map((stallGuard) => ({ lease, stallGuard }));
});

/** What came of all seeds in one of these ways. */
export class Losses {
  readonly variant: Variant;
  /** Of those that came to their end. */
  readonly totals: Totals = new Totals();
  /** By invariant, the seeds of those that did not. */
  readonly failed: Map<string, number[]> = new Map();
  /** Runs in which two nodes took writes to one slot in turns. */
  overlaps = 0;
  /** The sum of the longest such time of each of them, and the longest of all, ms. */
  overlapMs = 0;
  overlapMaxMs = 0;

  constructor(variant: Variant) {
    this.variant = variant;
  }

  add(outcome: SeedOutcome): void {
    const { failure, seed, writeOverlapMs } = outcome;
    if (failure !== null) {
      const { invariant } = failure;
      this.failed.set(invariant, [...(this.failed.get(invariant) ?? []), seed]);
      return;
    }
    this.totals.add(outcome);
    if (writeOverlapMs > 0) this.overlaps++;
    this.overlapMs += writeOverlapMs;
    this.overlapMaxMs = Math.max(this.overlapMaxMs, writeOverlapMs);
  }
}

/** Runs them all, writes the page, and prints its table. */
export async function runLostWrites(
  { output, given, settings, base }: Context,
  job: { readonly file: string; readonly from: number; readonly seeds: number },
): Promise<void> {
  const baseOf = ({ lease, stallGuard }: Variant): Partial<SimulationOptions> => {
    const cluster = { ...LOSSY.cluster, lease, stallGuard } as SimulationOptions['cluster'];
    return { ...LOSSY, ...base, cluster };
  };
  const all = VARIANTS.map((variant) => new Losses(variant));
  optionsWith(job.from, settings, { base: baseOf(VARIANTS[0]) });
  const write = writeText(job.file);
  let started = 0;
  let done = 0;
  const tasks = VARIANTS.length * job.seeds;
  await runPool({
    worker: WORKER,
    jobs: Math.min(given.jobs ?? availableParallelism(), tasks),
    next: (): SeedTask | null => {
      if (started === tasks) return null;
      const seed = job.from + Math.floor(started / VARIANTS.length);
      const variant = VARIANTS[started++ % VARIANTS.length];
      return { seed, settings, base: baseOf(variant) };
    },
    done: (outcome) => {
      // Handed on in the order in which they were asked for.
      all[done++ % VARIANTS.length].add(outcome);
      output.progress.update(() => `${done} of ${tasks} runs`);
      return true;
    },
  });
  write(lostWritesPage(all, job));
  output.print(...tableOf(all));
}

const HEAD = `# Lost writes

What the write lease and the rule about standstills are worth, in the simulator: the same seeds in four ways, with and without
each of them. Three primaries with a replica each are cut off, stand still and end, while clients write to every node that
they reach. At the end of a run each write that was acknowledged is looked for; one that is gone has a cause.

- \`async\`: it had not reached the replica that was elected. No rule of the cluster can save it; WAIT tells of it.
- \`minority\`: a primary took it that no majority could answer any more, or that was replaced already.
- \`durability\`: a process ended before the write was in a file, and came back before anybody replaced it.

"Overlap": two nodes took writes to one slot in turns. In how many runs, the sum of the longest time in each of them, and the
longest of all. With the lease and the rule on, an overlap fails the run (C5).

The stall rule is part of the lease: answers from before a standstill do not keep it open. Where there is none, the rule changes
nothing.

Runs that break an invariant are counted, and not in the other columns: what is lost is only known at the end. Which seeds they
are stands behind it.
`;

/** The whole page. */
export function lostWritesPage(
  all: readonly Losses[],
  { from, seeds }: { readonly from: number; readonly seeds: number },
): string {
  const command = `npm run simulate -- --lost-writes FILE --seeds ${seeds}${from === 1 ? '' : ` --from ${from}`}`;
  const last = `Seeds ${from} to ${from + seeds - 1}; \`${command}\` writes this page anew.`;
  return `${HEAD}\n${tableOf(all).join('\n')}\n\n${last}\n`;
}

function tableOf(all: readonly Losses[]): string[] {
  const head = ['lease', 'stall rule', 'acknowledged', 'lost', 'by cause', 'overlap', 'failed'];
  const rows = all.map(({ variant, totals, failed, overlaps, overlapMs, overlapMaxMs }) => {
    const lost = [...totals.lostWrites.values()].reduce((sum, count) => sum + count, 0);
    return [
      word(variant.lease),
      word(variant.stallGuard),
      totals.acknowledgedWrites.toLocaleString('en-US'),
      lost.toLocaleString('en-US'),
      countsText(totals.lostWrites),
      overlaps === 0 ? 'none' : `${overlaps} runs, ${inS(overlapMs)} s, max ${inS(overlapMaxMs)} s`,
      failuresText(failed),
    ];
  });
  const lines = [head, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  lines.splice(1, 0, `|${'---|'.repeat(head.length)}`);
  return lines;
}

function failuresText(failed: ReadonlyMap<string, readonly number[]>): string {
  if (failed.size === 0) return 'none';
  const sorted = [...failed].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, seeds]) => `${name} ${seeds.length} (${seeds.join(', ')})`).join('; ');
}

function word(isOn: boolean): string {
  return isOn ? 'on' : 'off';
}

function inS(ms: number): string {
  return (ms / 1000).toFixed(1);
}
