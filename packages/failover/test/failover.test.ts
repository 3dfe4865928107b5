import { MessageFlag } from '@slotmesh/cluster-bus';
import { StatusBit } from '@slotmesh/topology';
import { describe, expect, it } from 'vitest';
import type { FailoverOptions } from '../src/index.ts';
import { addReplica, Bench, NODE_TIMEOUT_MS, short, threeShards } from './support.ts';

/** d, a replica of a, after its first batch. */
function replica(options: Partial<FailoverOptions> = {}): Bench {
  const topology = threeShards('d');
  addReplica(topology, 'd', 'a');
  const bench = new Bench(topology, options);
  bench.settle();
  return bench;
}

describe('a candidate', () => {
  it('waits, saves the epoch, asks, and is elected by a majority', () => {
    const bench = replica();
    bench.fail('a');
    expect(short(bench.settle())).toEqual(['electionScheduled', 'announce']);
    const asking = bench.run(1000);
    expect(short(asking)).toEqual([
      'electionStarted',
      'persist',
      'tell failoverAuthRequest everybody',
    ]);
    expect(bench.topology.currentEpoch).toBe(4);
    expect(short(bench.message('failoverAuthAck', 'b'))).toEqual([]);
    const won = bench.message('failoverAuthAck', 'c');
    expect(short(won)).toEqual(['electionWon', 'configEpochTaken', 'changed', 'promote']);
    const { topology } = bench;
    expect(topology.configEpochOf(topology.self)).toBe(4);
    expect(topology.slotsOf(topology.self).toString()).toBe('0-5460');
    expect(topology.slotsOf(bench.node('a')).count).toBe(0);
  });

  it.each([
    ['the same voter twice', ['b', 'b', 'b'], {}],
    ['a vote of an earlier election', ['b', 'c'], { currentEpoch: 3 }],
    ['a node without a vote', ['b', 'x'], {}],
  ])('does not count %s', (_what, voters, fields) => {
    const bench = replica();
    addReplica(bench.topology, 'x', 'b');
    bench.fail('a');
    bench.settle();
    bench.run(1000);
    for (const voter of voters) bench.message('failoverAuthAck', voter, fields);
    expect(bench.topology.isReplica(bench.topology.self)).toBe(true);
  });

  it('does not use votes that come too late', () => {
    const bench = replica();
    bench.fail('a');
    bench.settle();
    bench.run(1000);
    bench.message('failoverAuthAck', 'b');
    bench.run(2 * NODE_TIMEOUT_MS + 100);
    bench.message('failoverAuthAck', 'c');
    expect(bench.topology.isReplica(bench.topology.self)).toBe(true);
    // The next election needs votes of its own.
    bench.run(3 * NODE_TIMEOUT_MS);
    expect(bench.topology.currentEpoch).toBe(5);
    expect(short(bench.message('failoverAuthAck', 'b'))).not.toContain('electionWon');
    expect(short(bench.message('failoverAuthAck', 'c'))).toContain('electionWon');
  });

  it('stands on the word of one voter that the primary failed', () => {
    const bench = replica();
    bench.fail('a');
    bench.topology.setPingSent(bench.node('a'), 0);
    expect(short(bench.settle())).toEqual([]);
    bench.topology.addFailureReport(bench.node('a'), bench.node('b'), bench.nowMs);
    expect(short(bench.settle())).toContain('electionScheduled');
  });

  it('does not replace a primary that has a newer epoch by the time it wins', () => {
    const bench = replica();
    bench.fail('a');
    bench.settle();
    bench.run(1000);
    bench.message('failoverAuthAck', 'b');
    bench.topology.setConfigEpoch(bench.node('a'), 9);
    bench.message('failoverAuthAck', 'c', { currentEpoch: 9 });
    expect(bench.topology.isReplica(bench.topology.self)).toBe(true);
  });

  it.each([
    ['its rank gets worse', 'redis' as const, 0, 20, 1000],
    ['its rank gets better, in Valkey', 'valkey9' as const, 20, 0, -132],
  ])('changes its plan where %s', (_what, electionStrategy, before, after, addedMs) => {
    const bench = replica({ electionStrategy });
    const e = addReplica(bench.topology, 'e', 'a');
    bench.facts.offset = 10;
    bench.topology.setOffset(e, before);
    bench.fail('a');
    bench.settle();
    bench.topology.setOffset(e, after);
    const notices = bench.settle().map((effect) => (effect.kind === 'notice' ? effect.notice : {}));
    expect(notices).toMatchObject([{ kind: 'electionRankUpdated', addedMs }]);
  });

  it('stands with data of any age where that is allowed, but with some of its primary', () => {
    const bench = replica({ replicaValidityFactor: 0 });
    const [first] = bench.topology.slotsOf(bench.node('a'));
    const [foreign] = bench.topology.slotsOf(bench.node('b'));
    bench.facts.heardMs = null;
    bench.fail('a');
    expect(short(bench.run(1000))).not.toContain('electionScheduled');
    Object.assign(bench.facts, { keys: 3, keySlot: foreign });
    expect(short(bench.run(1000))).not.toContain('electionScheduled');
    bench.facts.keySlot = first;
    expect(short(bench.settle())).toContain('electionScheduled');
  });

  it.each([
    ['old data', 'dataAge', (bench: Bench) => Object.assign(bench.facts, { heardMs: null })],
    [
      'half of the data',
      'loading',
      (bench: Bench) => Object.assign(bench.facts, { loading: true }),
    ],
    [
      'no votes in memory',
      'noVoteMemory',
      (bench: Bench) => Object.assign(bench.topology, { hasVoteMemory: false }),
    ],
    [
      'only the word of a stranger',
      'uncorroborated',
      (bench: Bench) => void bench.topology.setPingSent(bench.node('a'), 0),
    ],
  ])('with %s does not stand, and says so after a while', (_what, obstacle, change) => {
    const bench = replica();
    bench.fail('a');
    change(bench);
    expect(short(bench.run(5000))).toEqual([]);
    change(bench);
    const later = bench.run(12_000);
    expect(short(later).filter((one) => one !== 'failoverObstacle')).toEqual([]);
    expect(later).toContainEqual({
      kind: 'notice',
      notice: { kind: 'failoverObstacle', obstacle },
    });
  });
});

describe('a primary', () => {
  it('that is asked to hand over pauses writes, and says its offset one tick later', () => {
    const bench = new Bench(threeShards('a'));
    addReplica(bench.topology, 'd', 'a');
    const effects = bench.message('manualFailoverStart', 'd');
    expect(effects[0]).toEqual({ kind: 'pauseWrites', untilMs: bench.nowMs + 10_000 });
    expect(bench.failover.isPaused).toBe(false);
    expect(short(bench.run(100))).toEqual(['announce']);
    expect(bench.failover.isPaused).toBe(true);
    expect(short(bench.run(5000)).slice(-2)).toEqual(['manualFailoverTimedOut', 'resumeWrites']);
    expect(bench.failover.isPaused).toBe(false);
  });

  it('is asked in vain by a replica of another one', () => {
    const bench = new Bench(threeShards('a'));
    addReplica(bench.topology, 'd', 'b');
    expect(short(bench.message('manualFailoverStart', 'd'))).toEqual([]);
  });

  it('that was replaced follows the new owner, and lets its clients go on', () => {
    const bench = new Bench(threeShards('a'));
    const d = addReplica(bench.topology, 'd', 'a');
    bench.message('manualFailoverStart', 'd');
    bench.topology.setPrimary(d);
    bench.topology.assignSlots(bench.topology.slotsOf(bench.topology.self), d);
    const effects = bench.input({ kind: 'replaced', node: d });
    expect(short(effects)).toEqual(['resumeWrites', 'reconfigured', 'changed', 'follow']);
    expect(bench.topology.primaryOf(bench.topology.self)).toBe(d);
  });
});

describe('a manual failover', () => {
  it('begins when the offset is reached, by votes that need no failure', () => {
    const bench = replica();
    bench.facts.offset = 90;
    bench.failover.failover(bench.nowMs, 'graceful', bench.sink);
    expect(short(bench.settle())).toEqual([
      'manualFailoverAccepted',
      `tell manualFailoverStart ${bench.node('a')}`,
    ]);
    expect(short(bench.input({ kind: 'primaryPaused', offset: 100 }))).toEqual([
      'manualFailoverOffsetReceived',
    ]);
    bench.facts.offset = 100;
    expect(short(bench.settle())).toEqual([
      'manualFailoverReady',
      'electionScheduled',
      'announce',
      'electionStarted',
      'persist',
      `tell failoverAuthRequest everybody flags=${MessageFlag.forceAck}`,
      'failoverObstacle',
    ]);
    bench.message('failoverAuthAck', 'a');
    expect(short(bench.message('failoverAuthAck', 'b'))).toContain('promote');
  });

  it('does not wait for the retry of an election that failed', () => {
    const bench = replica();
    bench.fail('a');
    bench.settle();
    bench.run(1000);
    bench.failover.failover(bench.nowMs, 'force', bench.sink);
    expect(short(bench.settle())).toContain('electionStarted');
    expect(bench.topology.currentEpoch).toBe(5);
  });

  it('ends with its time, and its votes with it', () => {
    const bench = replica();
    bench.failover.failover(bench.nowMs, 'force', bench.sink);
    bench.settle();
    bench.message('failoverAuthAck', 'b');
    expect(short(bench.run(5200))).toContain('manualFailoverTimedOut');
    bench.message('failoverAuthAck', 'c');
    expect(bench.topology.isReplica(bench.topology.self)).toBe(true);
  });
});

describe('a replica', () => {
  it('is followed up at the start, and when its primary has moved', () => {
    const topology = threeShards('d');
    addReplica(topology, 'd', 'a');
    const bench = new Bench(topology);
    expect(short(bench.settle())).toEqual(['follow']);
    expect(short(bench.run(500))).toEqual([]);
    const address = { ...topology.addressOf(bench.node('a')), port: 7001 };
    topology.setAddress(bench.node('a'), address);
    expect(bench.settle()).toMatchObject([{ kind: 'follow', address }]);
  });

  it('moves to an orphan after five seconds, if its own primary has enough', () => {
    const bench = replica();
    addReplica(bench.topology, 'e', 'a');
    bench.topology.setStatus(bench.node('b'), StatusBit.migrateTo, true);
    expect(short(bench.run(5000))).toEqual([]);
    expect(short(bench.run(200))).toEqual(['reconfigured', 'changed', 'follow']);
    expect(bench.topology.primaryOf(bench.topology.self)).toBe(bench.node('b'));
  });

  it('stops following a node that follows it', () => {
    const bench = replica();
    expect(short(bench.input({ kind: 'circle' }))).toEqual([]);
    addReplica(bench.topology, 'a', 'e');
    expect(short(bench.input({ kind: 'circle' }))).toEqual(['circleLeft', 'changed', 'promote']);
    expect(bench.topology.isPrimary(bench.topology.self)).toBe(true);
  });

  it('is made a primary of nothing by a reset', () => {
    const bench = replica();
    bench.topology.setPrimary(bench.topology.self);
    bench.failover.reset(bench.sink);
    expect(short(bench.settle())).toEqual(['promote', 'emptyData']);
  });
});
