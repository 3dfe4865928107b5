// Which answers to our PINGs keep our write lease. A voter that has voted for a replica of ours answers
// still, and its vote may be counted after its answer: so an answer does not count while such a vote may be
// in use, nor when that replica has won. A voter that keeps to the rules of leases marks those answers; of the
// others see vote-watch.ts.

import { type BusHeader, MessageFlag } from '@slotmesh/cluster-bus';
import { NO_NODE, type NodeIndex } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';
import { voteValidityMs } from './vote-watch.ts';

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
 * Whether an answer to that node must not count for its lease. `asked`: what it says of itself in the PING
 * that is answered; null: it was not asked.
 */
export function mustNotCount(
  context: GossipContext,
  node: NodeIndex,
  asked: BusHeader | null,
): boolean {
  return isVoteInUse(context, node) || (asked !== null && isReplaced(context, node, asked));
}

/**
 * This node voted for a replica of it a while ago. A vote is used up where that node has a config epoch as
 * great by now: claims of that election are older than its own.
 */
function isVoteInUse({ topology, options, nowMs }: GossipContext, node: NodeIndex): boolean {
  if (nowMs - topology.votedMs(node) > voteValidityMs(options.nodeTimeoutMs)) return false;
  return topology.configEpochOf(node) < topology.lastVoteEpoch;
}

/** Somebody has taken its slots, and it does not know yet: it stood still, and would write until it hears. */
function isReplaced({ topology }: GossipContext, node: NodeIndex, asked: BusHeader): boolean {
  if (topology.isVoter(node)) return false;
  for (const slot of asked.slots) {
    const owner = topology.ownerOf(slot);
    if (owner !== NO_NODE && topology.configEpochOf(owner) > asked.configEpoch) return true;
  }
  return false;
}
