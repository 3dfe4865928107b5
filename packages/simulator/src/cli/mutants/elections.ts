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
        find: '>= topology.census.majority) return attempt.epoch;',
        replace: '>= topology.census.majority - 1) return attempt.epoch;',
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
  {
    name: 'late-votes-count',
    source: 'S7, valkey#4627',
    breaks: 'A vote that was given in an earlier election counts in this one.',
    edits: [
      {
        file: 'failover/src/election.ts',
        find: '|| currentEpoch < attempt.epoch',
        replace: '',
      },
    ],
    script: 's07-late-votes',
  },
  {
    name: 'anybody-votes',
    source: 'K2; specification, "Replica election and promotion"',
    breaks: 'Votes of nodes without slots count.',
    edits: [
      {
        file: 'failover/src/election.ts',
        find: 'if (this.#topology.isVoter(sender)) attempt',
        replace: 'attempt',
      },
      {
        file: 'failover/src/election.ts',
        find: 'node !== NO_NODE && topology.isVoter(node)',
        replace: 'node !== NO_NODE',
      },
    ],
    script: 's07-late-votes',
  },
  {
    name: 'rank-ignored',
    source: 'S10, valkey#885',
    breaks: 'Of two replicas the one stands first that draws the shorter time, whatever it has.',
    edits: [
      {
        file: 'failover/src/rank.ts',
        find: 'random.below(ELECTION_JITTER_MS) + rank.own * RANK_DELAY_MS',
        replace: 'random.below(ELECTION_JITTER_MS)',
      },
    ],
    script: 'failover-best-offset',
  },
  {
    name: 'equal-offsets-equal-ranks',
    source: 'S13, valkey#2683',
    breaks: 'With the strategy of Valkey 9 no replica goes behind another one.',
    edits: [
      {
        file: 'failover/src/rank.ts',
        find: '(2 * rank.own + rank.shard)',
        replace: '0',
      },
    ],
    script: 'election-valkey9',
  },
  {
    name: 'old-data-stand',
    source: 'specification, "Replica election and promotion"; cluster-replica-validity-factor',
    breaks: 'A replica stands however old its data are.',
    edits: [
      {
        file: 'failover/src/election.ts',
        find: "if (ageMs - options.nodeTimeoutMs > dataAgeMaxMs(options)) return 'dataAge';",
        replace: '',
      },
    ],
    script: 'data-age',
  },
  {
    name: 'empty-replica-stands',
    source: 'S11, valkey#4317',
    breaks: 'A replica stands that has none of the data of its primary.',
    edits: [
      {
        file: 'failover/src/election.ts',
        find: "if (lastMs === null && !this.#holdsAnyOf(primary)) return 'dataAge';",
        replace: '',
      },
      {
        file: 'failover/src/election.ts',
        find: "if (ageMs - options.nodeTimeoutMs > dataAgeMaxMs(options)) return 'dataAge';",
        replace: '',
      },
    ],
    script: 's11-empty-replica',
  },
  {
    name: 'hearsay-starts-elections',
    source: 'K3',
    breaks: 'A replica stands because somebody says that its primary, which it hears, has failed.',
    edits: [
      {
        file: 'failover/src/election.ts',
        find: "this.#isCorroborated(nowMs, primary, options) ? null : 'uncorroborated'",
        replace: 'null',
      },
    ],
    script: 'k03-fail-by-a-replica',
  },
  {
    name: 'votes-against-a-lease',
    source: 'K1; rule 2.6 of votes',
    breaks: 'A voter votes against a primary that may take writes because of its answers.',
    edits: [
      {
        file: 'failover/src/vote.ts',
        find: 'if (sinceAnswerMs < holdMs) return',
        replace: 'if (false) return',
      },
    ],
    script: 'k03-fail-by-a-replica',
  },
  {
    name: 'elected-while-loading',
    source: 'valkey#4425',
    breaks:
      'A replica that began a full synchronization while it waited for votes is elected without data.',
    edits: [
      {
        file: 'failover/src/election.ts',
        find: "return this.#facts.isLoading() ? 'loading' : null;",
        replace: 'return null;',
      },
    ],
    options: RESTARTED,
    foundBy: ['C3'],
    seedsMean: 21,
    seedsMax: 90,
  },
  {
    name: 'takeover-without-epoch',
    source: 'S61, redis#3588',
    breaks: 'A takeover claims the slots with the config epoch that their owner has.',
    edits: [
      {
        file: 'failover/src/failover.ts',
        find: 'this.#replacePrimary(topology.currentEpoch + 1 + this.#sharers(), effects);',
        replace:
          'this.#replacePrimary(topology.configEpochOf(topology.primaryOf(topology.self)), effects);',
      },
    ],
    script: 's61-takeover',
  },
  {
    name: 'orphans-stay',
    source: 'S60, redis#2924',
    breaks: 'No replica moves to a primary that has lost its own.',
    edits: [
      {
        file: 'failover/src/replica-migration.ts',
        find: "if (target === NO_NODE || topology.clusterState !== 'ok') return NO_NODE;",
        replace: 'return NO_NODE;',
      },
    ],
    script: 's60-orphans',
  },
  {
    name: 'empty-primary-comes-back',
    source: 'S64, kubeblocks#10753',
    breaks:
      'A primary that comes back without its data goes on at once, and its replicas follow it into that.',
    edits: [
      {
        file: 'gossip/src/context.ts',
        find: 'return this.nowMs < this.silentUntilMs &&',
        replace: 'return false &&',
      },
    ],
    script: 's64-lost-data',
  },
  {
    name: 'loser-stays-primary',
    source: 'S54, redis#3083',
    breaks: 'A primary that has lost its last slot follows nobody, and keeps its keys.',
    edits: [
      {
        file: 'failover/src/failover.ts',
        find: "this.#follow(node, 'slotsTaken', effects);",
        replace: '',
      },
    ],
    script: 's54-last-slot',
  },
  {
    name: 'keys-of-lost-slots-stay',
    source: 'S58; rule A14',
    breaks: 'Slots that another node took leave their keys where they were.',
    edits: [
      {
        file: 'gossip/src/slot-claim.ts',
        find: "context.push({ kind: 'slotsLost', slots: lostByShard, deleteKeys });",
        replace: '',
      },
    ],
    script: 's58-deletion-during-handover',
  },
];
