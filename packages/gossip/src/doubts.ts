// Whether this node's own slots are in doubt: others say that they are those of an owner that this
// process has not heard yet. Until that owner speaks, or has been missed for a node timeout, the slots
// stay where they are, and nothing is served: A, back after a long time with slots that B won meanwhile,
// must not take writes for them before it has heard B, or missed it.

import type { NodeIndex } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';
import { isStillToBeHeard } from './slot-claim.ts';

/** The owners that this node was told of and has not heard: at most as many as it knows nodes. */
export class Doubts {
  readonly #owners = new Set<NodeIndex>();

  add({ dirty }: GossipContext, owner: NodeIndex): void {
    this.#owners.add(owner);
    dirty.state = true;
  }

  /** Whether there are any: all end by themselves. */
  exist(context: GossipContext): boolean {
    const { topology } = context;
    for (const owner of this.#owners) {
      if (!topology.has(owner) || !isStillToBeHeard(context, owner)) this.#owners.delete(owner);
    }
    return this.#owners.size > 0;
  }
}
