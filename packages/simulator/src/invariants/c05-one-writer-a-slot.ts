// C5. Two nodes do not take writes for one slot by turns: what the one acknowledged the other would
// overwrite, or lose.
//
// Operators can give a slot to a second node while the first one serves it, and nothing holds until the
// tables agree; such slots are left out. A node that was elected begins a new turn.
//
// The lease promises this where everybody keeps to it: primaries, voters, clocks that run alike within a percent, and
// operators, who may not take a slot over without asking anybody (FORCE, TAKEOVER). Elsewhere there is such a window, as
// between peers: how long it was is counted instead, in the ghost's `writeOverlapMs`.

import type { SimNode } from '../world/contract.ts';
import type { Invariant } from './invariant.ts';

/** Of two clocks, one may run so much faster: each is within a percent of the truth. */
const RATES_MAX = 1.01 / 0.99;

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
    const { clockRate } = world.options;
    let isPromised = clockRate.max / clockRate.min <= RATES_MAX;
    return {
      started({ core: { options } }) {
        if (!options.lease || !options.stallGuard) isPromised = false;
        return null;
      },
      executed(_node, command, { ok }) {
        if (ok && command.kind === 'failover' && command.mode !== 'graceful') isPromised = false;
        return null;
      },
      noticed(node, { kind }) {
        if (kind !== 'configEpochTaken') return null;
        const { topology } = node;
        const own = topology.slotsOf(topology.self);
        for (const [slot, { lastMs }] of slots) if (own.has(slot)) lastMs.delete(node);
        return null;
      },
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
          if (!isPromised) {
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
