// Q5. At rest a replica has what its primary has.

import { NO_NODE } from '@slotmesh/topology';
import type { SimNode, World } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

/** Whose data are not those of its primary yet, and why; null: nobody's. */
export function replicationGap({ nodes }: Pick<World, 'nodes'>): Verdict {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) {
    const { topology, replicator, index } = node;
    const primary = topology.primaryOf(topology.self);
    if (replicator.machine.isPrimary !== (primary === NO_NODE)) {
      return `node ${index} replicates otherwise than its table says`;
    }
    if (primary === NO_NODE) continue;
    const source = byId.get(topology.idOf(primary));
    if (source === undefined) return `node ${index} follows a node that is not there`;
    if (replicator.facts.link?.isUp !== true) {
      return `node ${index} has no stream from node ${source.index}: ${replicator.machine.describe()}`;
    }
    const fault = difference(node, source);
    if (fault !== null) return fault;
  }
  return null;
}

function difference(node: SimNode, source: SimNode): Verdict {
  const here = node.replicator.data;
  const there = source.replicator.data;
  if (here.digest === there.digest && here.size === there.size) return null;
  const keys = `${here.size} and ${there.size} keys`;
  return `node ${node.index} and its primary, node ${source.index}, have ${keys}, not the same`;
}

export const replicasHoldTheSame: Invariant = {
  id: 'Q5',
  title: 'At rest replicas hold what their primaries hold',
  source: 'redis.io, "Replication"',
  assumes: ['bus'],
  watch: (world) => ({ atRest: () => replicationGap(world) }),
};
