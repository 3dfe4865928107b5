// Q8. What a node knows when everything has come to rest it knows after a restart: who there is, in
// which role, with which slots and config epochs. What was not saved comes back one day, when nobody
// expects it: slots that were lost to others, nodes that were forgotten.

import type { NodesConf } from '@slotmesh/nodes-conf';
import { type NodeIndex, StatusBit, type Topology } from '@slotmesh/topology';
import type { SimNode, World } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

export const restartChangesNothing: Invariant = {
  id: 'Q8',
  title: 'At rest, what is on the disks is what the tables say',
  source: 'redis#12336; Valkey’s resharding test restarts all nodes at its end',
  assumes: ['disk'],
  watch(world: World) {
    let rests = 0;
    return {
      // The first time, the last saves may still be on their way.
      atRest: () => (++rests < 2 ? null : firstFault(world.nodes)),
    };
  },
};

function firstFault(nodes: readonly SimNode[]): Verdict {
  for (const { index, saved, topology } of nodes) {
    const verdict = saved === null ? 'has saved nothing' : difference(saved, topology);
    if (verdict !== null) return `node ${index} ${verdict}`;
  }
  return null;
}

function difference({ nodes }: NodesConf, topology: Topology): Verdict {
  const lines = new Map(nodes.map((line) => [line.id, line]));
  let members = 0;
  for (let i = 0; i < topology.indexLimit; i++) {
    const node = i as NodeIndex;
    // A handshake with nobody may be under way, and is not kept.
    if (!topology.has(node) || topology.hasStatus(node, StatusBit.handshake)) continue;
    members++;
    const id = topology.idOf(node);
    const line = lines.get(id);
    if (line === undefined) return `has not saved that it knows ${id}`;
    if ((line.role === 'replica') !== topology.isReplica(node))
      return `saved another role of ${id}`;
    if (!line.slots.equals(topology.slotsOf(node))) return `saved other slots of ${id}`;
    if (topology.isReplica(node) || line.configEpoch === topology.configEpochOf(node)) continue;
    return `saved config epoch ${line.configEpoch} of ${id}: it is ${topology.configEpochOf(node)}`;
  }
  return lines.size === members ? null : `saved ${lines.size} nodes of ${members}`;
}
