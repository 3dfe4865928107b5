// D6. Whoever does not know in which epochs it voted might vote a second time. It gives no vote before it has heard where
// the epochs stand, from a majority of the voters; what it took over is then greater than any epoch it can have voted in.

import type { NodeIndex } from '@slotmesh/topology';
import type { SimNode } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

export const noVoteWithoutMemory: Invariant = {
  id: 'D6',
  title: 'Without the memory of its votes a node gives none before it has heard a majority',
  source: 'K7; cluster specification, "Replica election and promotion"',
  assumes: ['bus'],
  watch() {
    /** Those without memory, and whom they have heard. */
    const heard = new Map<SimNode, Set<string>>();
    return {
      started(node) {
        if (node.saved?.lastVoteEpoch === null) heard.set(node, new Set());
        else heard.delete(node);
        return null;
      },
      receiving(node, _link, { header }) {
        if (header !== null) heard.get(node)?.add(header.sender);
        return null;
      },
      sending(node, _link, { kind }) {
        const those = heard.get(node);
        return kind === 'failoverAuthAck' && those !== undefined ? majority(node, those) : null;
      },
    };
  },
};

function majority({ topology }: SimNode, heard: ReadonlySet<string>): Verdict {
  let voters = 0;
  let others = 0;
  for (let i = 0; i < topology.indexLimit; i++) {
    const one = i as NodeIndex;
    if (!topology.has(one) || !topology.isVoter(one)) continue;
    voters++;
    if (one !== topology.self && heard.has(topology.idOf(one))) others++;
  }
  const needed = Math.min(Math.floor(voters / 2) + 1, voters - 1);
  return others >= needed
    ? null
    : `votes without memory, having heard ${others} of ${voters} voters`;
}
