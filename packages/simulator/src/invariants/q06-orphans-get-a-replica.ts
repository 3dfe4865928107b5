// Q6. A primary that had a replica and has none gets one of those that have several, as long as the migration barrier
// leaves them enough. Nobody agrees on it, so it takes its time.

import { NO_NODE, StatusBit } from '@slotmesh/topology';
import type { SimNode, World } from '../world/contract.ts';
import type { Verdict } from './invariant.ts';

/** Who waits for a replica that another one can spare; null: nobody. All tables agree. */
export function orphan({ nodes, options }: Pick<World, 'nodes' | 'options'>): Verdict {
  const { allowReplicaMigration = true, migrationBarrier = 1 } = options.cluster;
  if (!allowReplicaMigration) return null;
  const [{ topology }] = nodes;
  const replicas = (node: SimNode): number => {
    const row = topology.find(node.id);
    return row === NO_NODE ? 0 : topology.replicasOf(row).length;
  };
  const spare = nodes.find((node) => replicas(node) >= Math.max(2, migrationBarrier + 1));
  if (spare === undefined || topology.clusterState !== 'ok') return null;
  // Of those with most, the one with the smallest id moves, if its own primary has enough.
  for (const node of nodes) {
    const row = topology.find(node.id);
    const hadOne = nodes.every(({ topology: other }) => {
      const there = other.find(node.id);
      return there !== NO_NODE && other.hasStatus(there, StatusBit.migrateTo);
    });
    if (row === NO_NODE || !topology.isVoter(row) || replicas(node) > 0 || !hadOne) continue;
    return `node ${node.index} has no replica, and node ${spare.index} has ${replicas(spare)}`;
  }
  return null;
}
