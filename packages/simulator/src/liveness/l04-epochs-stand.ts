// L4. Epochs grow where something happens. In a cluster at rest nothing does: an epoch that still grows
// is two nodes that take turns in outbidding each other. (How many elections a failure may take joins
// with them.)

import type { Invariant } from '../invariants/invariant.ts';

export const epochsStand: Invariant = {
  id: 'L4',
  title: 'At rest no epoch grows',
  source: 'cluster specification, "Configuration epoch conflict resolution algorithm"; redis#1799',
  watch(world) {
    let former: readonly number[] | null = null;
    return {
      stopped() {
        former = null;
        return null;
      },
      atRest() {
        const epochs = world.nodes.map(({ topology }) => topology.currentEpoch);
        const before = former;
        former = epochs;
        const node = epochs.findIndex((epoch, i) => before !== null && epoch !== before[i]);
        if (before === null || node === -1) return null;
        return `node ${node} went from epoch ${before[node]} to ${epochs[node]} at rest`;
      },
    };
  },
};
