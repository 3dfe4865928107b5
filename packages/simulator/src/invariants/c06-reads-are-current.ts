// C6. A primary answers with what it has acknowledged itself, all of it. A replica may be behind, but has no holes: what
// it has is what its primary had at that offset (A12 knows what that was).

import type { Change } from '../data/data-set.ts';
import type { Histories } from '../ghost/histories.ts';
import type { Writes } from '../ghost/writes.ts';
import type { SimNode, World } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

export const readsAreCurrent: Invariant = {
  id: 'C6',
  title:
    'A primary serves all that it acknowledged, and a replica a prefix of its primary’s writes',
  source: 'cluster specification, "Scaling reads using replica nodes"',
  watch(world: World) {
    const histories = world.ghost.streams as Histories;
    const writes = world.ghost.writes as Writes;
    /** By node: what it acknowledged by slot since it is a primary. */
    const own = new Map<SimNode, Map<number, number[]>>();
    const forget = (node: SimNode): null => {
      own.delete(node);
      return null;
    };
    const primary = (node: SimNode, slot: number): Verdict => {
      const { data } = node.replicator;
      for (const value of own.get(node)?.get(slot) ?? []) {
        if (data.has(slot, value) || writes.removalOf(value) !== undefined) continue;
        return `reads slot ${slot} without ${value}, which it acknowledged itself`;
      }
      return null;
    };
    return {
      started: forget,
      dataReplaced: forget,
      deleting: forget,
      acknowledged(node, changes: readonly Change[]) {
        let slots = own.get(node);
        if (slots === undefined) {
          slots = new Map();
          own.set(node, slots);
        }
        for (const change of changes) {
          if (change.kind !== 'add') continue;
          const values = slots.get(change.slot);
          if (values === undefined) slots.set(change.slot, [change.value]);
          else values.push(change.value);
        }
        return null;
      },
      replicationNoticed(node, notice) {
        return notice.kind === 'partialSyncAccepted' ? forget(node) : null;
      },
      read(node, slot) {
        const { machine, data, isLoading } = node.replicator;
        if (machine.isPrimary) return primary(node, slot);
        if (isLoading || machine.savedHistory() === null) return null;
        const { position } = node.replicator;
        if (histories.agrees(position, data.digest)) return null;
        return `reads slot ${slot} from data that its primary never had at ${position.offset}`;
      },
    };
  },
};
