// A primary that voters have voted against, and whom nobody has replaced, takes a new config epoch. Their votes
// cannot win any more then: whoever won by them, and was not heard of, claims slots with an older epoch than
// their owner's. It must not do that too early. The winner may take writes for a node timeout by what it was
// answered before it won, and it may win for as long as votes are good; and a majority must be there, which
// would say if it knew of a winner.

import { type BusHeader, MessageFlag } from '@slotmesh/cluster-bus';
import type { NodeIndex } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';
import { takeEpoch } from './epoch.ts';
import { CLOCK_RATE_SAFETY } from './limits.ts';
import { voteValidityMs } from './vote-watch.ts';

/** A voter has answered a PING that was sent at this time. */
export function noteMark(
  context: GossipContext,
  voter: NodeIndex,
  { messageFlags }: BusHeader,
  sentMs: number,
): void {
  const { marks, nowMs } = context;
  if ((messageFlags & MessageFlag.votedAgainst) === 0) {
    marks.delete(voter);
    return;
  }
  const known = marks.get(voter);
  if (known === undefined) marks.set(voter, { sinceMs: nowMs, sentMs });
  else known.sentMs = sentMs;
}

/** Takes a new config epoch, if it is time. */
export function renewEpoch(context: GossipContext): void {
  const { topology, marks, dirty } = context;
  if (!topology.isVoter(topology.self)) {
    marks.clear();
    return;
  }
  if (!isOutlived(context) || !isMajorityThere(context)) return;
  takeEpoch(context, topology.currentEpoch + 1);
  dirty.broadcast = true;
  marks.clear();
  context.notice({ kind: 'epochRenewed', configEpoch: topology.configEpochOf(topology.self) });
}

/** Whoever might have won by one of these votes takes no writes any more that nobody knows of. */
function isOutlived({ topology, marks, options, nowMs }: GossipContext): boolean {
  const { nodeTimeoutMs } = options;
  const goodMs = (voteValidityMs(nodeTimeoutMs) + nodeTimeoutMs) / CLOCK_RATE_SAFETY;
  for (const [voter, { sinceMs, sentMs }] of marks) {
    if (nowMs - sentMs > nodeTimeoutMs || !topology.has(voter)) marks.delete(voter);
    else if (nowMs - sinceMs > goodMs && topology.isVoter(voter)) return true;
  }
  return false;
}

/** The voters that would know a winner are a majority, and they do not. */
function isMajorityThere(context: GossipContext): boolean {
  const { topology, marks, options, nowMs } = context;
  const sinceMs = nowMs - options.nodeTimeoutMs;
  let there = 0;
  for (const node of topology.nodes()) {
    if (!topology.isVoter(node)) continue;
    const markedMs = marks.get(node)?.sentMs ?? 0;
    const answeredMs = Math.max(topology.pingAnsweredMs(node), markedMs);
    if (node === topology.self || answeredMs > sinceMs) there++;
  }
  return there >= topology.census.majority;
}
