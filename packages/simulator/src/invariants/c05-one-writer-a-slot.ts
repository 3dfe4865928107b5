// C5. Two nodes do not take writes for one slot by turns: what the one acknowledged the other would
// overwrite, or lose.
//
// Operators can give a slot to a second node while the first one serves it, and nothing holds until the
// tables agree; such slots are left out. So is everything between nodes without the lease, where the
// peers' rules have such a window: how long it was is counted instead, in the ghost's
// `writeOverlapMs`. Elections, with the voters' part of the lease, join later.

import type { SimNode } from '../world/contract.ts';
import type { Invariant } from './invariant.ts';

/** Who took writes for a slot, in the order in which they last did. */
interface Writers {
  readonly lastMs: Map<SimNode, number>;
}

export const oneWriterASlot: Invariant = {
  id: 'C5',
  title: 'Two nodes do not acknowledge writes to one slot in turns',
  source: 'measured: two primaries of redis-server both acknowledged for 0.5 to 2.8 s',
  assumes: ['disk', 'bus'],
  watch(world) {
    const slots = new Map<number, Writers>();
    return {
      served(node, { slot, write }) {
        if (!write || slot < 0) return null;
        const { nowMs, ghost } = world;
        const known = slots.get(slot);
        if (known === undefined) {
          slots.set(slot, { lastMs: new Map([[node, nowMs]]) });
          return null;
        }
        const { lastMs } = known;
        const formerMs = lastMs.get(node);
        lastMs.set(node, nowMs);
        if (lastMs.size === 1 || formerMs === undefined) return null;
        for (const [other, otherMs] of lastMs) {
          if (other === node || otherMs <= formerMs) continue;
          const overlapMs = nowMs - formerMs;
          if (!node.core.options.lease || !other.core.options.lease) {
            ghost.writeOverlapMs = Math.max(ghost.writeOverlapMs, overlapMs);
          } else if (!ghost.contestedSlots.has(slot)) {
            const turn = `between two writes here, ${overlapMs} ms apart`;
            return `node ${other.index} took a write to slot ${slot} ${turn}`;
          }
        }
        return null;
      },
    };
  },
};
