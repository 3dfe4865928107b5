// Whether two nodes ever acknowledge writes to one slot: when a primary stood still while its replica took over, and when
// it is cut off from the others without a sound and clients of its own remain. Figures of promises, not of speed: a write
// that a node acknowledges after it has been replaced is lost.

import { seededRandom } from '@slotmesh/machine';
import { median, table } from '../../../scripts/bench-kit.ts';
import { ReplicaCluster } from '../test/support/replicas/replica-cluster.ts';
import { type CutPrimaryResult, cutPrimary } from '../test/support/replicas/trials/cut-primary.ts';
import {
  type PausedPrimaryResult,
  pausePrimary,
} from '../test/support/replicas/trials/paused-primary.ts';
import { REPLICATED, type Variant } from './support/replicated.ts';

const PAUSED_NODE_TIMEOUT_MS = 5000;
/** The default. An election takes some seconds whatever the timeout is: with a short one nobody is in the other's way. */
const CUT_NODE_TIMEOUT_MS = 15_000;
const ROUNDS = 6;

export async function run({
  quick,
  variants = REPLICATED,
}: {
  quick: boolean;
  variants?: readonly Variant[];
}): Promise<void> {
  const rounds = quick ? 1 : ROUNDS;
  const random = seededRandom(1);

  const pausedTimeoutMs = quick ? 500 : PAUSED_NODE_TIMEOUT_MS;
  const paused = await measure(variants, pausedTimeoutMs, rounds, (cluster) =>
    pausePrimary(cluster),
  );
  console.log(`a primary is paused until its replica has taken over; ${rounds} times each`);
  table(variants.map((variant) => pausedRow(variant, paused.get(variant) ?? [])));

  const cutTimeoutMs = quick ? 500 : CUT_NODE_TIMEOUT_MS;
  const leads = Array.from({ length: rounds }, () => random.below(cutTimeoutMs));
  const cut = await measure(variants, cutTimeoutMs, rounds, (cluster, round) =>
    cutPrimary(cluster, { leadMs: leads[round] }),
  );
  console.log(`\na primary is cut off, node timeout ${cutTimeoutMs} ms; ${rounds} times each`);
  table(variants.map((variant) => cutRow(variant, cut.get(variant) ?? [])));
}

/** All variants side by side, each with a cluster of its own: most of the time is waiting. */
async function measure<T>(
  variants: readonly Variant[],
  nodeTimeoutMs: number,
  rounds: number,
  trial: (cluster: ReplicaCluster, round: number) => Promise<T>,
): Promise<Map<Variant, T[]>> {
  const clusters: ReplicaCluster[] = [];
  try {
    for (const { kind, args } of variants) {
      clusters.push(await ReplicaCluster.start({ kind, args, nodeTimeoutMs, cuttable: true }));
    }
    const results = await Promise.all(
      clusters.map(async (cluster) => {
        const ofOne: T[] = [];
        for (let round = 0; round < rounds; round++) ofOne.push(await trial(cluster, round));
        return ofOne;
      }),
    );
    return new Map(variants.map((variant, i) => [variant, results[i]]));
  } finally {
    await Promise.all(clusters.map((cluster) => cluster.dispose()));
  }
}

function pausedRow({ name }: Variant, all: readonly PausedPrimaryResult[]) {
  const sum = (of: (one: PausedPrimaryResult) => number): number =>
    all.reduce((total, one) => total + of(one), 0);
  return {
    server: name,
    queued: sum(({ queued }) => queued),
    refused: sum(({ refused }) => refused),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    survived: sum(({ survived }) => survived),
  };
}

function cutRow({ name }: Variant, all: readonly CutPrimaryResult[]) {
  const timeouts = all.map(({ isolatedTimeouts }) => isolatedTimeouts);
  const overlaps = all.map((one) => one.overlapMs).filter((ms) => ms > 0);
  const late = all.reduce((sum, one) => sum + one.acknowledgedByIsolated, 0);
  const survived = all.reduce((sum, one) => sum + one.survived, 0);
  return {
    server: name,
    'goes on for, timeouts': `${median(timeouts).toFixed(2)} (${Math.max(...timeouts).toFixed(2)})`,
    'replaced after s': (median(all.map((one) => one.takenOverMs)) / 1000).toFixed(2),
    'two at once': `${overlaps.length} of ${all.length}`,
    'for ms, most': Math.max(0, ...overlaps).toFixed(0),
    'acknowledged by it': late,
    lost: late - survived,
  };
}
