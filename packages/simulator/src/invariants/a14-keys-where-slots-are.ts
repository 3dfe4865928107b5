// A14. A key in a slot that is somebody else's is never found there, and comes back from the dead when
// the slot does. So a node that loses a slot to another one drops its keys.
//
// Slots that an operator took out of the node's table are excepted, as their keys wait for the slots
// to be given back (DELSLOTS keeps them, as Redis does), until the node serves the slot again or its
// process ends. A replica has them by its primary's stream, and keeps them when it takes its place.

import { NO_NODE } from '@slotmesh/topology';
import type { Writes } from '../ghost/writes.ts';
import type { SimNode } from '../world/contract.ts';
import type { Invariant } from './invariant.ts';

export const keysWhereSlotsAre: Invariant = {
  id: 'A14',
  title: 'A node holds keys of slots alone that it, or its primary, owns or imports',
  source: 'cluster specification, "Keys distribution model"; redis#3776',
  watch(world) {
    const writes = world.ghost.writes as Writes;
    /** By node: slots that an operator took from it, or from a primary whose replica it was. */
    const released = new Map<SimNode, Set<number>>();
    const checked = new Map<SimNode, number>();
    const inherit = ({ topology }: SimNode, those: Set<number> | undefined): void => {
      const row = topology.primaryOf(topology.self);
      if (row === NO_NODE || those === undefined) return;
      const id = topology.idOf(row);
      const primary = world.nodes.find((one) => one.isUp && one.id === id);
      if (primary !== undefined) for (const slot of released.get(primary) ?? []) those.add(slot);
    };
    return {
      started(node) {
        released.set(node, new Set());
        checked.delete(node);
        return null;
      },
      executed(node, command, { ok }) {
        if (!ok || (command.kind !== 'delSlots' && command.kind !== 'addSlots')) return null;
        const those = released.get(node);
        for (const slot of command.slots) {
          if (command.kind === 'delSlots') those?.add(slot);
          else those?.delete(slot);
        }
        return null;
      },
      // Not when a batch is settled: what it deletes is still there.
      ticking(node) {
        const { topology, keys } = node;
        if (keys.size === 0 || checked.get(node) === topology.revision) return null;
        checked.set(node, topology.revision);
        const those = released.get(node);
        // What a replica holds is its primary's affair.
        if (topology.isReplica(topology.self)) inherit(node, those);
        if (topology.isReplica(topology.self) || writes.isMisled(node)) return null;
        const holder = topology.self;
        for (const slot of keys.keys()) {
          if (topology.ownerOf(slot) === holder || topology.importingSlots.has(slot)) continue;
          if (!those?.has(slot)) return `holds keys of slot ${slot}, which is not its own`;
        }
        return null;
      },
    };
  },
};
