// L5. A node that runs and can be reached is never marked failed: not in a run without faults, whose
// messages take a small part of the node timeout, and not in a cluster that has come to rest.
//
// What operators do is no fault, but a node that they take away (RESET, FORGET, another address) is
// rightly missed: such runs are watched at rest alone. Delays are exponential, so that their mean has
// to be small for none to be above a quarter of the node timeout: one in 10^10 is.

import type { Invariant } from '../invariants/invariant.ts';
import type { World } from '../world/contract.ts';

/** The node timeout in means of the delay. */
const MEANS_IN_TIMEOUT = 95;

export const noFalseFail: Invariant = {
  id: 'L5',
  title: 'Without a fault no node is marked failed',
  source: 'cluster specification, "Failure detection"; valkey#634',
  watch(world) {
    const { faults, delay, cluster } = world.options;
    const isFast =
      delay.minMs + delay.meanMs * MEANS_IN_TIMEOUT < cluster.nodeTimeoutMs + delay.minMs;
    let isQuiet = faults.length === 0 && isFast;
    let isAtRest = false;
    return {
      stopped() {
        isQuiet = false;
        isAtRest = false;
        return null;
      },
      executed(_node, { kind }, { ok }) {
        if (ok && (kind === 'forget' || kind === 'reset')) isQuiet = false;
        return null;
      },
      noticed(node, notice) {
        if (notice.kind !== 'nodeFailed' || !(isQuiet || isAtRest) || !isOurs(world, node)) {
          return null;
        }
        const why = isAtRest ? 'at rest' : 'in a run without faults';
        return `marks ${notice.id} failed, ${why}`;
      },
      atRest() {
        isAtRest = true;
        return null;
      },
    };
  },
};

function isOurs(world: World, node: World['nodes'][number]): boolean {
  return world.nodes.includes(node);
}
