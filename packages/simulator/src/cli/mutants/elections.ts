// Mutants of elections and votes.

import type { Mutant } from './mutant.ts';
import { ELECTED, HANDED_OVER, RESTARTED } from './settings.ts';

export const ELECTIONS: readonly Mutant[] = [
  {
    name: 'vote-not-saved',
    source: 'rule A3; commit 9176f4b94 of redis',
    breaks: 'A vote leaves before it is on the disk.',
    edits: [
      {
        file: 'failover/src/voter.ts',
        find: "effects.push({ kind: 'persist', durable: true }); effects.push({ kind: 'tell', to: candidate,",
        replace: "effects.push({ kind: 'tell', to: candidate,",
      },
    ],
    options: ELECTED,
    foundBy: ['A3', 'A2'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'candidacy-not-saved',
    source: 'rule A3',
    breaks: 'A candidate asks for votes in an epoch that is not on its disk.',
    edits: [
      {
        file: 'failover/src/election.ts',
        find: "effects.push({ kind: 'persist', durable: true }); const messageFlags",
        replace: 'const messageFlags',
      },
    ],
    options: ELECTED,
    foundBy: ['A3'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'votes-counted',
    source: 'K2',
    breaks: 'Votes are counted, whoever gave them and for which election.',
    edits: [
      {
        file: 'failover/src/election.ts',
        find: 'attempt.voters.add(this.#topology.idOf(sender));',
        replace: "attempt.voters.add(attempt.voters.size + ' ' + this.#topology.idOf(sender));",
      },
      {
        file: 'failover/src/election.ts',
        find: 'const node = topology.find(id); if (node !== NO_NODE && topology.isVoter(node)) count++;',
        replace: 'if (id) count++;',
      },
      {
        file: 'failover/src/voter.ts',
        find: "effects.push({ kind: 'tell', to: candidate, message: 'failoverAuthAck', messageFlags: 0 });",
        replace:
          "effects.push({ kind: 'tell', to: candidate, message: 'failoverAuthAck', messageFlags: 0 }); effects.push({ kind: 'tell', to: candidate, message: 'failoverAuthAck', messageFlags: 0 });",
      },
    ],
    options: ELECTED,
    foundBy: ['A4'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'one-vote-short',
    source: 'specification, "Replica election and promotion"',
    breaks: 'Half of the voters is enough to win.',
    edits: [
      {
        file: 'failover/src/election.ts',
        find: 'return Math.floor(voters / 2) + 1;',
        replace: 'return Math.floor(voters / 2);',
      },
    ],
    options: ELECTED,
    foundBy: ['A4'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'two-votes-in-an-epoch',
    source: 'specification, rule 2 of votes; A2',
    breaks: 'A voter does not remember in which epoch it voted.',
    edits: [
      {
        file: 'failover/src/vote.ts',
        find: "if (lastVoteEpoch >= currentEpoch) return { reason: 'alreadyVoted', epoch: currentEpoch };",
        replace: '',
      },
      {
        file: 'failover/src/vote.ts',
        find: 'if (sinceVoteMs < pauseMs) {',
        replace: 'if (false) {',
      },
    ],
    options: HANDED_OVER,
    foundBy: ['A2', 'A4', 'A5'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'vote-forgotten-by-restart',
    source: 'K7; rule A2',
    breaks: 'The last vote is not read back from the file: a restarted voter votes again.',
    edits: [
      {
        file: 'nodes-conf/src/topology.ts',
        find: 'topology.lastVoteEpoch = conf.lastVoteEpoch ?? 0;',
        replace: 'topology.lastVoteEpoch = 0;',
      },
    ],
    options: RESTARTED,
    foundBy: ['Q8'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'epoch-not-raised',
    source: 'specification, "Replica election and promotion"',
    breaks: 'A candidate stands in the epoch that is, and not in the next one.',
    edits: [{ file: 'failover/src/election.ts', find: 'topology.currentEpoch++;', replace: '' }],
    options: ELECTED,
    foundBy: ['L2', 'L3', 'A4', 'A5', 'A6', 'L1', 'error', 'Q5'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'no-news-of-promotion',
    source: 'specification, "Hash slots configuration propagation"',
    breaks: 'A replica that has won tells nobody, but for its PINGs.',
    edits: [
      {
        file: 'cluster-core/src/failover-sink.ts',
        find: 'this.#gossip.noteOwnChange(effect.durable);',
        replace: '',
      },
    ],
    options: ELECTED,
    foundBy: ['A3', 'L2', 'L1', 'Q8', 'D1'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'keeps-following',
    source: 'redis#3836',
    breaks: 'A replica that was promoted goes on replicating its former primary.',
    edits: [
      {
        file: 'failover/src/failover.ts',
        find: "if (this.#isReplica) effects.push({ kind: 'promote' });",
        replace: '',
      },
    ],
    options: ELECTED,
    foundBy: ['Q5', 'C3', 'C6', 'A12', 'A13', 'error', 'L1'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'handover-does-not-wait',
    source: 'S20; redis#6029',
    breaks: 'A handover does not wait until the replica has what its primary took.',
    edits: [
      {
        file: 'failover/src/manual.ts',
        find: 'if (this.#facts.replicationOffset() !== this.#primaryOffset) return;',
        replace: '',
      },
    ],
    options: HANDED_OVER,
    foundBy: ['C3'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'handover-without-pause',
    source: 'specification, "Manual failover"',
    breaks: 'A primary goes on taking writes while it is handed over.',
    edits: [
      {
        file: 'simulator/src/world/cluster-node.ts',
        find: 'if (this.#writes.isPaused) this.#writes.hold(read); else read();',
        replace: 'read();',
      },
    ],
    options: HANDED_OVER,
    foundBy: ['C3', 'C5'],
    seedsMean: 1,
    seedsMax: 10,
  },
];
