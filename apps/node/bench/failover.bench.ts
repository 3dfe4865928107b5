// How long a slot is not served when its primary is killed: from kill -9 to the first write that its replica acknowledges.
// Three primaries with a replica each; a client asks the replica every few milliseconds.

import { seededRandom } from '@slotmesh/machine';
import { median, table } from '../../../scripts/bench-kit.ts';
import { ReplicaCluster } from '../test/support/replicas/replica-cluster.ts';
import { killPrimary } from '../test/support/replicas/trials/killed-primary.ts';
import { ELECTIONS, inTurn, type Variant } from './support/replicated.ts';

const NODE_TIMEOUTS_MS = [2000, 5000];
const ROUNDS = 10;

export async function run({
  quick,
  variants = ELECTIONS,
}: {
  quick: boolean;
  variants?: readonly Variant[];
}): Promise<void> {
  const rounds = quick ? 1 : ROUNDS;
  const rows = [];
  for (const nodeTimeoutMs of quick ? [500] : NODE_TIMEOUTS_MS) {
    const times = await measure(variants, nodeTimeoutMs, rounds);
    for (const { name } of variants) {
      const seconds = (times.get(name) ?? []).map((ms) => ms / 1000);
      rows.push({
        'node timeout ms': nodeTimeoutMs,
        server: name,
        'median s': median(seconds).toFixed(2),
        'least s': Math.min(...seconds).toFixed(2),
        'most s': Math.max(...seconds).toFixed(2),
      });
    }
  }
  console.log(`kill -9 of a primary to the first write to its slots, ${rounds} times each`);
  table(rows);
}

async function measure(
  variants: readonly Variant[],
  nodeTimeoutMs: number,
  rounds: number,
): Promise<Map<string, number[]>> {
  const clusters = new Map<Variant, ReplicaCluster>();
  const times = new Map<string, number[]>();
  const random = seededRandom(nodeTimeoutMs);
  try {
    for (const variant of variants) {
      const { kind, args } = variant;
      clusters.set(variant, await ReplicaCluster.start({ kind, args, nodeTimeoutMs }));
    }
    for (let round = 0; round < rounds; round++) {
      const leadMs = random.below(nodeTimeoutMs);
      for (const variant of inTurn(variants, round)) {
        const cluster = clusters.get(variant) as ReplicaCluster;
        const ms = await killPrimary(cluster, { leadMs, shard: round % cluster.shards.length });
        times.set(variant.name, [...(times.get(variant.name) ?? []), ms]);
      }
    }
  } finally {
    await Promise.all([...clusters.values()].map((cluster) => cluster.dispose()));
  }
  return times;
}
