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
import { inTurn, REPLICATED, type Variant } from './support/replicated.ts';

const NODE_TIMEOUT_MS = 5000;
const ROUNDS = 6;

interface Results {
  readonly paused: PausedPrimaryResult[];
  readonly cut: CutPrimaryResult[];
}

export async function run({
  quick,
  variants = REPLICATED,
}: {
  quick: boolean;
  variants?: readonly Variant[];
}): Promise<void> {
  const rounds = quick ? 1 : ROUNDS;
  const nodeTimeoutMs = quick ? 500 : NODE_TIMEOUT_MS;
  const results = await measure(variants, nodeTimeoutMs, rounds);

  console.log(`a primary is paused until its replica has taken over; ${rounds} times each`);
  table(variants.map((variant) => pausedRow(variant, (results.get(variant) as Results).paused)));
  console.log(`\na primary is cut off, node timeout ${nodeTimeoutMs} ms; ${rounds} times each`);
  table(variants.map((variant) => cutRow(variant, (results.get(variant) as Results).cut)));
}

async function measure(
  variants: readonly Variant[],
  nodeTimeoutMs: number,
  rounds: number,
): Promise<Map<Variant, Results>> {
  const clusters = new Map<Variant, ReplicaCluster>();
  const results = new Map<Variant, Results>();
  const random = seededRandom(1);
  try {
    for (const variant of variants) {
      const { kind, args } = variant;
      const options = { kind, args, nodeTimeoutMs, cuttable: true };
      clusters.set(variant, await ReplicaCluster.start(options));
      results.set(variant, { paused: [], cut: [] });
    }
    for (let round = 0; round < rounds; round++) {
      const leadMs = random.below(nodeTimeoutMs);
      for (const variant of inTurn(variants, round)) {
        const cluster = clusters.get(variant) as ReplicaCluster;
        const { paused, cut } = results.get(variant) as Results;
        paused.push(await pausePrimary(cluster));
        cut.push(await cutPrimary(cluster, { leadMs }));
      }
    }
  } finally {
    await Promise.all([...clusters.values()].map((cluster) => cluster.dispose()));
  }
  return results;
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
