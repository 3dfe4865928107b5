// A2. A voter that gives two votes in one epoch makes two majorities possible, and two primaries with one config epoch.
// So it may send its vote in an epoch to one candidate alone, over all its lives. Whoever lost its memory of votes (an
// operator or a fault took its file) is another voter, as it has another id; D6 says what holds for who keeps it.

import type { Invariant } from './invariant.ts';

export const oneVoteInAnEpoch: Invariant = {
  id: 'A2',
  title: 'A voter votes for one candidate in an epoch, restarts included',
  source: 'cluster specification, "Replica election and promotion"',
  assumes: ['disk', 'bus'],
  watch(world) {
    /** By voter's id and epoch: whose vote it was. */
    const votes = new Map<string, string>();
    return {
      executed(node, command, { ok }) {
        // It begins anew, from epoch 0 on.
        if (ok && command.kind === 'reset') {
          for (const key of votes.keys()) if (key.startsWith(`${node.id} `)) votes.delete(key);
        }
        return null;
      },
      sending(node, link, { kind, header }) {
        if (kind !== 'failoverAuthAck' || header === null) return null;
        const candidate = candidateOf(node, link);
        if (candidate === null) return null;
        const key = `${header.sender} ${header.currentEpoch}`;
        const former = votes.get(key);
        votes.set(key, candidate);
        if (former === undefined || former === candidate) return null;
        return `votes for ${candidate} in epoch ${header.currentEpoch}, after ${former} at ${world.nowMs}`;
      },
    };
  },
};

function candidateOf(
  { topology }: Parameters<NonNullable<ReturnType<Invariant['watch']>['settled']>>[0],
  link: number,
): string | null {
  for (const node of topology.nodes()) {
    if (topology.inboundLink(node) === link || topology.outboundLink(node) === link) {
      return topology.idOf(node);
    }
  }
  return null;
}
