// Which answers to our PINGs keep our write lease. A voter that has voted for a replica of ours answers
// still, and its vote may be counted after its answer: so an answer does not count while such a vote may be
// in use, nor when that replica has won. A voter that keeps to the rules of leases marks those answers; of the
// others see vote-watch.ts.
//
// A vote is in use for as long as the primary's config epoch is below the vote's. Time alone does not end it:
// a candidate that wins, and then cannot speak for a while (its disk is slow, or it is cut off), is the owner
// from the moment when it is heard again. What the old primary has acknowledged until then would be lost.
// How that one gets on see renewal.ts.

import { type BusHeader, MessageFlag } from '@slotmesh/cluster-bus';
import type { NodeIndex } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';

/** Whether a PONG that came on our own link counts for the lease. */
export function isCounted(context: GossipContext, header: BusHeader): boolean {
  const { topology, options, nowMs, voteWatch } = context;
  if (!options.lease) return true;
  if ((header.messageFlags & MessageFlag.leaseAware) !== 0) {
    return (header.messageFlags & MessageFlag.uncounted) === 0;
  }
  return voteWatch.isSafe(header.currentEpoch, topology, nowMs, options.nodeTimeoutMs);
}

/**
 * How an answer to that node is marked; 0 = it counts for its lease. `asked`: what it says of itself in the
 * PING that is answered; null: it was not asked.
 */
export function answerMarks(
  context: GossipContext,
  node: NodeIndex,
  asked: BusHeader | null,
): number {
  const { topology } = context;
  if (asked !== null && isReplaced(context, node, asked)) return MessageFlag.uncounted;
  const isInUse =
    topology.configEpochOf(node) < topology.votedEpoch(node) && topology.isPrimary(node);
  return isInUse ? MessageFlag.uncounted | MessageFlag.votedAgainst : 0;
}

/** Somebody has taken its slots, and it does not know yet: it stood still, and would write until it hears. */
function isReplaced({ topology }: GossipContext, node: NodeIndex, asked: BusHeader): boolean {
  if (topology.isVoter(node)) return false;
  // Owner by owner: asked of every PING of a replica, whose header has the slots of its primary.
  for (let i = 0; i < topology.indexLimit; i++) {
    const owner = i as NodeIndex;
    if (!topology.has(owner) || topology.configEpochOf(owner) <= asked.configEpoch) continue;
    if (topology.slotsOf(owner).intersects(asked.slots)) return true;
  }
  return false;
}
