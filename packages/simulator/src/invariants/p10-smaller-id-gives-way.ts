// P10. Two primaries find that they have one config epoch: the one with the smaller id takes the next,
// and the other one keeps it. Each decides alone, so both must decide alike, peers of another make
// included: else both move, for ever, or none does.

import type { Invariant } from './invariant.ts';

export const smallerIdGivesWay: Invariant = {
  id: 'P10',
  title: 'Of two primaries with one config epoch the one with the smaller id takes another',
  source: 'cluster specification, "Config epochs conflicts resolution algorithm"',
  watch: () => ({
    noticed(node, notice) {
      if (notice.kind !== 'epochCollision' || node.id < notice.id) return null;
      return `takes config epoch ${notice.configEpoch}, though its id is not below ${notice.id}`;
    },
  }),
};
