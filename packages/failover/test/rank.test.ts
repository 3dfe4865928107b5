import type { Random } from '@slotmesh/machine';
import { StatusBit, type Topology } from '@slotmesh/topology';
import { describe, expect, it } from 'vitest';
import { electionDelayMs, type FailoverOptions, rankOf } from '../src/index.ts';
import { addReplica, id, OPTIONS, START_MS, threeShards } from './support.ts';

/** d and its siblings e and f follow a, which failed. Node timeout 15 s, as by default. */
function setting(offsets: { e: number; f: number }): Topology {
  const topology = threeShards('d');
  for (const letter of 'def') addReplica(topology, letter, 'a');
  topology.setOffset(topology.find(id('e')), offsets.e);
  topology.setOffset(topology.find(id('f')), offsets.f);
  topology.markFail(topology.find(id('a')), START_MS);
  return topology;
}

const fixed = (value: number): Random => ({ uint32: () => value, below: () => value });
const REDIS: FailoverOptions = { ...OPTIONS, nodeTimeoutMs: 15_000 };
const VALKEY: FailoverOptions = { ...REDIS, electionStrategy: 'valkey9' };

describe('the rank', () => {
  it.each([
    ['most data', 30, { e: 10, f: 20 }, 0, 0],
    ['one has more', 15, { e: 10, f: 20 }, 1, 1],
    ['two have more', 5, { e: 10, f: 20 }, 2, 2],
    // Its own id, d, is the smallest.
    ['all have the same', 10, { e: 10, f: 10 }, 0, 0],
  ])('%s', (_what, own, offsets, redis, valkey) => {
    const topology = setting(offsets);
    expect(rankOf(topology, REDIS, own, START_MS)).toEqual({ own: redis, shard: 0 });
    expect(rankOf(topology, VALKEY, own, START_MS)).toEqual({ own: valkey, shard: 0 });
  });

  it('leaves replicas out that may not be elected', () => {
    const topology = setting({ e: 10, f: 20 });
    topology.setStatus(topology.find(id('f')), StatusBit.noFailover, true);
    expect(rankOf(topology, REDIS, 15, START_MS).own).toBe(0);
  });

  it('lets the smaller id go first among equals in Valkey', () => {
    const topology = setting({ e: 10, f: 10 });
    topology.renameNode(topology.find(id('f')), id('1'));
    expect(rankOf(topology, REDIS, 10, START_MS).own).toBe(0);
    expect(rankOf(topology, VALKEY, 10, START_MS).own).toBe(1);
  });

  it('lets shards take turns in Valkey, those with replicas that failed not long ago', () => {
    const topology = setting({ e: 0, f: 0 });
    const b = topology.find(id('b'));
    const c = topology.find(id('c'));
    topology.setShardId(topology.find(id('a')), id('5'));
    topology.setShardId(b, id('4'));
    topology.setShardId(c, id('6'));
    topology.markFail(b, START_MS);
    topology.markFail(c, START_MS);
    expect(rankOf(topology, VALKEY, 10, START_MS).shard).toBe(0);
    addReplica(topology, 'g', 'b');
    addReplica(topology, 'h', 'c');
    expect(rankOf(topology, VALKEY, 10, START_MS).shard).toBe(1);
    expect(rankOf(topology, REDIS, 10, START_MS).shard).toBe(0);
    expect(rankOf(topology, VALKEY, 10, START_MS + 150_001).shard).toBe(0);
  });
});

describe('the delay', () => {
  it.each([
    ['redis, first', REDIS, 10, { own: 0, shard: 0 }, 77, 577],
    ['redis, third', REDIS, 10, { own: 2, shard: 0 }, 499, 2999],
    ['redis, without data', REDIS, 0, { own: 0, shard: 0 }, 0, 500],
    ['valkey9, first, others do not know yet', VALKEY, 10, { own: 0, shard: 0 }, 77, 577],
    ['valkey9, second', VALKEY, 10, { own: 1, shard: 0 }, 0, 1500],
    ['valkey9, first of the second shard', VALKEY, 10, { own: 0, shard: 1 }, 0, 1000],
    ['valkey9, without data', VALKEY, 0, { own: 0, shard: 0 }, 0, 1000],
    [
      'valkey9, short node timeout',
      { ...VALKEY, nodeTimeoutMs: 3000 },
      10,
      { own: 1, shard: 1 },
      7,
      407,
    ],
  ])('%s', (_what, options, offset, rank, drawn, delayMs) => {
    const topology = setting({ e: 5, f: 5 });
    expect(electionDelayMs(topology, options, offset, rank, fixed(drawn))).toBe(delayMs);
  });

  it('is none in Valkey for the best, once all siblings know of the failure', () => {
    const topology = setting({ e: 5, f: 5 });
    const best = { own: 0, shard: 0 };
    const delayMs = (offset: number, options = VALKEY): number =>
      electionDelayMs(topology, options, offset, best, fixed(0));
    topology.setStatus(topology.find(id('e')), StatusBit.myPrimaryFail, true);
    expect(delayMs(10)).toBe(500);
    topology.setStatus(topology.find(id('f')), StatusBit.myPrimaryFail, true);
    expect(delayMs(10)).toBe(0);
    expect(delayMs(0)).toBe(1000);
    expect(delayMs(10, REDIS)).toBe(500);
  });
});
