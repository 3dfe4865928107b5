// A4. Of all that stand in an epoch one may win, with the votes of a majority of those who vote. The votes that reached
// a candidate are collected here once more: from different voters, and for the election that is under way.
//
// Two winners of one epoch took disjoint majorities, so the tables from which they were counted differed: while operators
// move slots this may be, and it is left out where a slot has been given to a second node.
// A5 follows: an election gives its epoch to its winner, so the config epochs of two winners differ.

import { NO_NODE, type NodeIndex } from '@slotmesh/topology';
import type { SimNode, World } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

interface Candidacy {
  epoch: number;
  /** Whom it wants to replace. */
  primary: string;
  readonly votes: Set<string>;
}

export const oneElectionWonInAnEpoch: Invariant = {
  id: 'A4',
  title: 'One candidate wins an election, with the votes of a majority of different voters',
  source: 'cluster specification, "Replica election and promotion"',
  assumes: ['disk', 'bus'],
  watch() {
    const candidacies = new Map<SimNode, Candidacy>();
    const of = (node: SimNode): Candidacy => {
      let one = candidacies.get(node);
      if (one === undefined) {
        one = { epoch: 0, primary: '', votes: new Set() };
        candidacies.set(node, one);
      }
      return one;
    };
    const begin = (node: SimNode, epoch: number): void => {
      const one = of(node);
      one.epoch = epoch;
      const { topology } = node;
      const primary = topology.primaryOf(topology.self);
      one.primary = primary === NO_NODE ? '' : topology.idOf(primary);
      one.votes.clear();
    };
    return {
      started(node) {
        candidacies.delete(node);
        return null;
      },
      receiving(node, _link, { kind, header }) {
        if (kind !== 'failoverAuthAck' || header === null) return null;
        const one = of(node);
        if (one.epoch > 0 && header.currentEpoch >= one.epoch) one.votes.add(header.sender);
        return null;
      },
      noticed(node, notice) {
        if (notice.kind === 'electionStarted') begin(node, notice.epoch);
        return notice.kind === 'electionWon' ? majority(node, of(node)) : null;
      },
    };

    function majority(node: SimNode, { epoch, primary, votes }: Candidacy): Verdict {
      const { topology } = node;
      if (epoch === 0) return 'has won an election that it did not begin';
      let voters = 0;
      let given = 0;
      const own = topology.slotsOf(topology.self).count;
      for (let i = 0; i < topology.indexLimit; i++) {
        const one = i as NodeIndex;
        if (!topology.has(one) || one === topology.self) continue;
        // The primary has lost its slots by now, and was a voter.
        const isReplaced = own > 0 && topology.idOf(one) === primary;
        if (!isReplaced && !topology.isVoter(one)) continue;
        voters++;
        if (votes.has(topology.idOf(one))) given++;
      }
      const needed = Math.floor(voters / 2) + 1;
      if (given >= needed) return null;
      return `has won in epoch ${epoch} with ${given} votes of ${voters} voters`;
    }
  },
};

/** By epoch: who took it from an election. */
export const electionsGiveDifferentEpochs: Invariant = {
  id: 'A5',
  title: 'Two elections never give out the same config epoch',
  source: 'cluster specification, "Configuration epoch"',
  assumes: ['disk', 'bus'],
  watch(world: World) {
    const winners = new Map<number, string>();
    const won = new Set<SimNode>();
    const hasContested = (node: SimNode): boolean => {
      const { topology } = node;
      for (const slot of topology.slotsOf(topology.self)) {
        if (world.ghost.contestedSlots.has(slot)) return true;
      }
      return world.ghost.commands.has('delSlots') || world.ghost.commands.has('flushSlots');
    };
    return {
      noticed(node, notice) {
        if (notice.kind === 'electionWon') won.add(node);
        if (notice.kind !== 'configEpochTaken' || !won.delete(node)) return null;
        const former = winners.get(notice.configEpoch);
        winners.set(notice.configEpoch, node.id);
        if (former === undefined || former === node.id || isDivided(world)) return null;
        if (hasContested(node)) return null;
        return `has won epoch ${notice.configEpoch}, which ${former} has won before`;
      },
    };
  },
};

/** Operators took nodes out of each other's tables, or made clusters of their own: epochs are each one's own then. */
function isDivided({ ghost }: World): boolean {
  const { commands } = ghost;
  return ['forget', 'reset', 'meet', 'addSlots'].some((kind) =>
    commands.has(kind as Parameters<typeof commands.has>[0]),
  );
}
