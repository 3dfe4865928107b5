// Which answers to our PINGs keep our write lease. A voter that has voted for a replica of ours answers
// still, and its vote may be counted after its answer: so an answer does not count while such a vote may be
// in use. A voter that keeps to the rules of leases marks those answers; of the others see vote-watch.ts.

import { type BusHeader, MessageFlag } from '@slotmesh/cluster-bus';
import type { NodeIndex } from '@slotmesh/topology';
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

/** Whether an answer to that node must not count: this node voted for a replica of it a while ago. */
export function isVoteInUse({ topology, options, nowMs }: GossipContext, node: NodeIndex): boolean {
  return nowMs - topology.votedMs(node) <= voteValidityMs(options.nodeTimeoutMs);
}
