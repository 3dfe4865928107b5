// A13. A replica has what its primary has written, or less. A replica that goes on in a history must have been in it: of
// the second id of a primary, what lies beyond the promotion is another one's, and whoever has that must not go on.

import type { Histories } from '../ghost/histories.ts';
import type { Position, SimNode, World } from '../world/contract.ts';
import type { Invariant } from './invariant.ts';

export const replicaIsBehind: Invariant = {
  id: 'A13',
  title: 'A replica is not ahead of its primary, and goes on in a history that it was in',
  source: 'Redis 4.0, PSYNC2; redis#4407, redis#4607',
  watch(world: World) {
    const histories = world.ghost.streams as Histories;
    const last = new Map<SimNode, Position>();
    const keep = (node: SimNode): null => {
      last.set(node, node.replicator.position);
      return null;
    };
    return {
      started: keep,
      wrote: keep,
      dataReplaced: keep,
      applied(node, position) {
        keep(node);
        const writer = world.nodes.find(({ replicator, topology, isUp }) => {
          if (!isUp || !topology.isPrimary(topology.self)) return false;
          return replicator.machine.isPrimary && replicator.machine.id === position.id;
        });
        const end = writer?.replicator.machine.offset ?? Number.POSITIVE_INFINITY;
        if (position.offset <= end) return null;
        return `is at ${position.offset}, and its primary, node ${writer?.index}, at ${end}`;
      },
      replicationNoticed(node, notice) {
        if (notice.kind !== 'partialSyncAccepted') return keep(node);
        const before = last.get(node);
        if (before === undefined) return null;
        const from = histories.origin({ ...before, offset: notice.offset });
        const to = histories.origin({ id: notice.id, offset: notice.offset });
        if (from.id === to.id) return null;
        return `goes on at ${notice.offset} of ${to.id.slice(0, 8)}, and was in ${from.id.slice(0, 8)}`;
      },
    };
  },
};
