// D7. A primary that comes back without its data serves nothing before its replicas, which have them, had the time to
// win: two and a half node timeouts until it is failed, and a second for the election.

import type { SlotSet } from '@slotmesh/crc16-slots';
import type { Writes } from '../ghost/writes.ts';
import type { SimNode, World } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

export const emptyPrimaryWaits: Invariant = {
  id: 'D7',
  title: 'A primary that has lost its data lets its replicas win',
  source: 'kubeblocks#10753',
  watch(world: World) {
    const writes = world.ghost.writes as Writes;
    /** By node: when it may serve, by its clock. */
    const fromMs = new Map<SimNode, number>();
    const judge = (node: SimNode): Verdict => {
      const since = fromMs.get(node);
      if (since === undefined || node.topology.isReplica(node.topology.self)) return null;
      const leftMs = since - node.clock.read(world.nowMs);
      return leftMs > 0 ? `serves ${leftMs} ms too early, without the data that it had` : null;
    };
    return {
      started(node) {
        fromMs.delete(node);
        const { topology, replicator } = node;
        const { self } = topology;
        if (!node.core.options.recoverySilence || node.life === 1) return null;
        if (!topology.isVoter(self) || topology.replicasOf(self).length === 0) return null;
        if (replicator.data.size > 0 || replicator.machine.offset > 0) return null;
        if (!hasWritten(writes, topology.slotsOf(self))) return null;
        const { nodeTimeoutMs } = node.core.options;
        fromMs.set(node, node.clock.read(world.nowMs) + 2.5 * nodeTimeoutMs + 1000);
        return null;
      },
      served: (node, { slot }) => (slot < 0 ? null : judge(node)),
    };
  },
};

function hasWritten(writes: Writes, slots: SlotSet): boolean {
  for (const slot of slots) if (writes.of(slot).length > 0) return true;
  return false;
}
