import { SlotSet } from '@slotmesh/crc16-slots';
import type { NodeIndex, Topology } from '@slotmesh/topology';
import { describe, expect, it } from 'vitest';
import { decideVote, type VoteRequest, type VoterTimes } from '../src/index.ts';
import {
  addReplica,
  Bench,
  id,
  NODE_TIMEOUT_MS,
  OPTIONS,
  START_MS,
  short,
  threeShards,
} from './support.ts';

/** b is asked by d, a replica of a, which failed; epochs stand at 4. */
function setting(): {
  topology: Topology;
  candidate: NodeIndex;
  request: VoteRequest;
  times: VoterTimes;
} {
  const topology = threeShards('b');
  const candidate = addReplica(topology, 'd', 'a');
  topology.currentEpoch = 4;
  topology.markFail(topology.find(id('a')), START_MS);
  const request = {
    candidate,
    currentEpoch: 4,
    configEpoch: 1,
    slots: SlotSet.parse('0-5460'),
    isForced: false,
  };
  const times = { nowMs: START_MS + 10 * NODE_TIMEOUT_MS, startedMs: START_MS };
  return { topology, candidate, request, times };
}

type Setting = ReturnType<typeof setting>;
/** Changes the setting; a request that it gives back overrides fields of the standard one. */
type Change = (setting: Setting) => unknown;
const a = ({ topology }: Setting): NodeIndex => topology.find(id('a'));

const CASES: readonly (readonly [string, Change, string | null])[] = [
  ['all is as it should be', () => {}, null],
  [
    'the voter has no slots',
    ({ topology }) => topology.unassignSlots(topology.slotsOf(topology.self)),
    'notAVoter',
  ],
  [
    'the voter is a replica itself',
    ({ topology }) => topology.setReplicaOf(topology.self, topology.find(id('c'))),
    'notAVoter',
  ],
  ['the request is of an epoch that is over', () => ({ currentEpoch: 3 }), 'oldEpoch'],
  [
    'it voted in this epoch',
    ({ topology }) => Object.assign(topology, { lastVoteEpoch: 4 }),
    'alreadyVoted',
  ],
  [
    'it voted in an earlier one',
    ({ topology }) => Object.assign(topology, { lastVoteEpoch: 3 }),
    null,
  ],
  ['a primary asks', ({ topology }) => ({ candidate: topology.find(id('c')) }), 'isPrimary'],
  [
    "the candidate's primary is not known",
    ({ topology, candidate }) => topology.setReplicaOf(candidate, -1 as NodeIndex),
    'primaryUnknown',
  ],
  ['the primary is up', (s) => void s.topology.clearFail(a(s)), 'primaryUp'],
  [
    'the primary is up, and hands over',
    (s) => {
      s.topology.clearFail(a(s));
      return { isForced: true };
    },
    null,
  ],
  [
    'it voted about this primary less than two node timeouts ago',
    (s) => s.topology.setVoted(a(s), s.times.nowMs - 2 * NODE_TIMEOUT_MS + 1, 1),
    'votedRecently',
  ],
  [
    'it voted about this primary two node timeouts ago',
    (s) => s.topology.setVoted(a(s), s.times.nowMs - 2 * NODE_TIMEOUT_MS, 1),
    null,
  ],
  [
    'a slot has an owner with a greater epoch',
    () => ({ slots: SlotSet.parse('0-5461') }),
    'slotEpoch',
  ],
  [
    'the candidate has heard of that epoch',
    () => ({ slots: SlotSet.parse('0-5461'), configEpoch: 2 }),
    null,
  ],
  [
    'it does not know its votes',
    ({ topology }) => Object.assign(topology, { hasVoteMemory: false }),
    'noVoteMemory',
  ],
  [
    'it answered the primary a moment ago',
    (s) => s.topology.setAnswerSent(a(s), s.times.nowMs - 1.02 * NODE_TIMEOUT_MS + 1),
    'leaseOpen',
  ],
  [
    'its last answer to the primary has expired',
    (s) => s.topology.setAnswerSent(a(s), s.times.nowMs - 1.02 * NODE_TIMEOUT_MS),
    null,
  ],
  [
    'it answered the primary, which hands over',
    (s) => {
      s.topology.setAnswerSent(a(s), s.times.nowMs);
      return { isForced: true };
    },
    null,
  ],
];

describe('a vote', () => {
  it.each(CASES)('where %s', (_what, change, reason) => {
    const one = setting();
    const changed = change(one);
    const isRequest = typeof changed === 'object' && !Object.is(changed, one.topology);
    const request: VoteRequest = { ...one.request, ...(isRequest ? changed : {}) };
    expect(decideVote(one.topology, OPTIONS, request, one.times)?.reason ?? null).toBe(reason);
  });

  it('is not given soon after a start, unless the primary hands over', () => {
    const { topology, request, times } = setting();
    const early = { nowMs: times.nowMs, startedMs: times.nowMs - 1.02 * NODE_TIMEOUT_MS + 5 };
    const refusal = decideVote(topology, OPTIONS, request, early);
    expect(refusal).toEqual({ reason: 'justStarted', remainingMs: 5 });
    expect(decideVote(topology, OPTIONS, { ...request, isForced: true }, early)).toBeNull();
  });

  it('follows the rules of the peers where there are no leases', () => {
    const { topology, request, times } = setting();
    topology.setAnswerSent(topology.find(id('a')), times.nowMs);
    const options = { ...OPTIONS, lease: false };
    expect(decideVote(topology, options, request, { ...times, startedMs: times.nowMs })).toBeNull();
  });
});

describe('a voter', () => {
  function voter(options = {}): Bench {
    const bench = new Bench(threeShards('b'), options);
    addReplica(bench.topology, 'd', 'a');
    addReplica(bench.topology, 'e', 'a');
    bench.run(2 * NODE_TIMEOUT_MS);
    bench.fail('a');
    return bench;
  }

  it('saves its vote before it sends it, and votes once in an epoch', () => {
    const bench = voter();
    const effects = bench.message('failoverAuthRequest', 'd', { currentEpoch: 7 });
    const to = bench.node('d');
    expect(short(effects)).toEqual(['persist', `tell failoverAuthAck ${to}`, 'voteGranted']);
    expect(effects[0]).toEqual({ kind: 'persist', durable: true });
    expect(bench.topology.lastVoteEpoch).toBe(7);
    expect(short(bench.message('failoverAuthRequest', 'e', { currentEpoch: 7 }))).toEqual([
      'voteRefused',
    ]);
    // The same request once more.
    expect(short(bench.message('failoverAuthRequest', 'd', { currentEpoch: 7 }))).toEqual([
      'voteRefused',
    ]);
  });

  it('keeps a request that comes before the news of the failure', () => {
    const bench = voter();
    bench.topology.clearFail(bench.node('a'));
    const early = bench.message('failoverAuthRequest', 'd', { currentEpoch: 7 });
    expect(short(early)).toEqual(['voteDeferred']);
    bench.fail('a');
    expect(short(bench.settle())).toContain('voteGranted');
    expect(short(bench.run(5000))).toEqual([]);
  });

  it('keeps a request until its answers to the primary have expired', () => {
    const bench = voter();
    bench.topology.setAnswerSent(bench.node('a'), bench.nowMs);
    expect(short(bench.message('failoverAuthRequest', 'd', { currentEpoch: 7 }))).toEqual([
      'voteDeferred',
    ]);
    expect(short(bench.run(NODE_TIMEOUT_MS))).toEqual([]);
    expect(short(bench.run(100))).toContain('voteGranted');
  });

  it('drops a kept request when a later election has begun, or its time is over', () => {
    const bench = voter();
    bench.topology.clearFail(bench.node('a'));
    bench.message('failoverAuthRequest', 'd', { currentEpoch: 7 });
    bench.topology.currentEpoch = 8;
    bench.settle();
    bench.fail('a');
    expect(short(bench.run(5000))).toEqual([]);
    bench.topology.clearFail(bench.node('a'));
    bench.message('failoverAuthRequest', 'd', { currentEpoch: 9 });
    bench.run(2 * NODE_TIMEOUT_MS);
    bench.fail('a');
    expect(short(bench.run(5000))).toEqual([]);
  });

  it('keeps it without leases too, where the best replica asks at once', () => {
    const bench = voter({ lease: false, electionStrategy: 'valkey9' });
    bench.topology.clearFail(bench.node('a'));
    expect(short(bench.message('failoverAuthRequest', 'd', { currentEpoch: 7 }))).toEqual([
      'voteDeferred',
    ]);
    bench.fail('a');
    expect(short(bench.settle())).toContain('voteGranted');
  });

  it("refuses at once where there are no leases, with Redis's strategy, as the peers do", () => {
    const bench = voter({ lease: false, electionStrategy: 'redis' });
    bench.topology.clearFail(bench.node('a'));
    expect(short(bench.message('failoverAuthRequest', 'd', { currentEpoch: 7 }))).toEqual([
      'voteRefused',
    ]);
    bench.fail('a');
    expect(short(bench.run(5000))).toEqual([]);
  });

  it('without memory votes only after it has heard a majority, in later epochs', () => {
    const bench = voter();
    const { topology } = bench;
    topology.hasVoteMemory = false;
    topology.setDataReceived(bench.node('a'), bench.nowMs);
    expect(short(bench.message('failoverAuthRequest', 'd', { currentEpoch: 7 }))).toEqual([
      'voteDeferred',
    ]);
    topology.setDataReceived(bench.node('c'), bench.nowMs);
    expect(short(bench.run(100))).toEqual(['persist', 'voteMemoryRegained']);
    expect(topology.lastVoteEpoch).toBe(7);
    expect(short(bench.run(1000))).toEqual([]);
    expect(short(bench.message('failoverAuthRequest', 'd', { currentEpoch: 8 }))).toContain(
      'voteGranted',
    );
  });
});
