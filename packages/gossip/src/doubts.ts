// Whether this node's own slots are in doubt: others say that they are those of an owner that this
// process has not heard yet. Until that owner speaks, or has been missed for a node timeout, the slots
// stay where they are, and nothing is served: A, back after a long time with slots that B won meanwhile,
// must not take writes for them before it has heard B, or missed it.

import type { NodeIndex } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';

/** Whether this process has not heard a node yet, and has not waited for it for long. */
export function isStillToBeHeard(context: GossipContext, node: NodeIndex): boolean {
  const { topology, options, nowMs } = context;
  if (topology.dataReceivedMs(node) !== 0) return false;
  return nowMs - topology.createdMs(node) <= options.nodeTimeoutMs;
}

/** An owner that is still to be heard is said to have slots of this node. */
export function addDoubt({ doubts, dirty }: GossipContext, owner: NodeIndex): void {
  doubts.add(owner);
  dirty.state = true;
}

/** Whether there are any doubts; they end by themselves. */
export function hasDoubts(context: GossipContext): boolean {
  const { topology, doubts } = context;
  for (const owner of doubts) {
    if (!topology.has(owner) || !isStillToBeHeard(context, owner)) doubts.delete(owner);
  }
  return doubts.size > 0;
}
