// A11. A process that stood still does not know for how long the others missed it: before it takes
// another write, PINGs that it sent since must have been answered. Real servers take what waited in
// their sockets, and lose it.

import type { Invariant } from './invariant.ts';
import { missingAnswers } from './lease.ts';

export const noWriteAfterStall: Invariant = {
  id: 'A11',
  title: 'After a stall no write is served before a majority has answered anew',
  source: 'measured: redis-server, stopped and continued, took 140 of 160 waiting writes, all lost',
  assumes: ['tcp', 'bus'],
  watch: (world) => ({
    served(node, { write, slot }) {
      const { lease, stallGuard } = node.core.options;
      if (!write || slot < 0 || !lease || !stallGuard) return null;
      const { stalls } = world.ghost;
      const endMs = stalls.endMs(node);
      const isStalled = stalls.isStalled(node);
      if (!isStalled && endMs === Number.NEGATIVE_INFINITY) return null;
      // Where it is the majority itself, nobody could have missed it.
      if (missingAnswers(world, node, Number.POSITIVE_INFINITY) === null) return null;
      if (isStalled) return 'serves a write after a stall, before its timer has fired again';
      const fault = missingAnswers(world, node, endMs - 1);
      return fault && `serves a write after a stall: ${fault}`;
    },
  }),
};
