// Memory: what is freed is used again, holes are closed, and above the limit the right keys go.

import { keySlot } from '@slotmesh/crc16-slots';
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_MEMORY_LIMIT,
  type EvictionPolicy,
  MemoryKeyspace,
  NO_EXPIRY,
} from '../src/index.ts';
import { bytesOf, latin1 } from './support/model-keyspace.ts';

class Filled {
  readonly keyspace: MemoryKeyspace;
  constructor(count: number, options: { expireAtMs?: (i: number) => number } = {}) {
    const hashKey = { low: 0x1234, high: 0x5678 };
    this.keyspace = new MemoryKeyspace({ databases: 1, bySlot: true, hashKey });
    for (let i = 0; i < count; i++) this.set(i, options.expireAtMs?.(i) ?? NO_EXPIRY);
  }

  set(i: number, expireAtMs = NO_EXPIRY, length = 64): void {
    const key = bytesOf(`key:${i}`);
    const value = new Uint8Array(length);
    const [database] = this.keyspace.databases;
    database.setValue(keySlot(key), key, 0, key.length, value, 0, length, expireAtMs);
  }

  has(i: number, nowMs = 0): boolean {
    const key = bytesOf(`key:${i}`);
    return this.keyspace.databases[0].find(keySlot(key), key, 0, key.length, nowMs);
  }

  delete(i: number): void {
    const key = bytesOf(`key:${i}`);
    this.keyspace.databases[0].delete(keySlot(key), key, 0, key.length, 0);
  }

  limit(policy: EvictionPolicy, freeBytes: number): void {
    const maxMemoryBytes = this.keyspace.usedBytes - freeBytes;
    this.keyspace.memoryLimit = { ...DEFAULT_MEMORY_LIMIT, maxMemoryBytes, policy };
  }
}

describe('memory that was freed', () => {
  test('serves what comes next, however often values come and go', () => {
    const filled = new Filled(20_000);
    const { keyspace } = filled;
    const { heldBytes, usedBytes } = keyspace;
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 20_000; i++) filled.delete(i);
      for (let i = 0; i < 20_000; i++) filled.set(i);
    }
    expect(keyspace.usedBytes).toBeLessThan(usedBytes * 1.05);
    expect(keyspace.heldBytes).toBeLessThan(heldBytes * 1.5);
  });

  test('goes back where deletions leave holes, a few entries at a time', () => {
    const filled = new Filled(100_000);
    const { keyspace } = filled;
    for (let i = 0; i < 100_000; i++) if (i % 10 !== 0) filled.delete(i);
    const { heldBytes, usedBytes } = keyspace;
    let moved = 0;
    for (let more = 1; more > 0; moved += more) more = keyspace.compact(100);
    expect(moved).toBeGreaterThan(1000);
    expect(moved).toBeLessThan(20_000);
    expect(keyspace.usedBytes).toBe(usedBytes);
    expect(keyspace.heldBytes).toBeLessThan(heldBytes / 2);
    for (let i = 0; i < 100_000; i += 10) expect(filled.has(i)).toBe(true);
  });

  test('takes expiries along when entries move', () => {
    const filled = new Filled(50_000, { expireAtMs: (i) => 1000 + i });
    const { keyspace } = filled;
    const [database] = keyspace.databases;
    for (let i = 0; i < 50_000; i++) if (i % 5 !== 0) filled.delete(i);
    while (keyspace.compact(1000) > 0);
    expect(keyspace.expireCycle(25_999, 100_000)).toBe(5000);
    for (let i = 25_000; i < 50_000; i += 5) {
      expect(filled.has(i)).toBe(true);
      expect(database.foundExpireAtMs).toBe(1000 + i);
      filled.set(i);
    }
    expect([database.size, database.expiringCount]).toEqual([5000, 0]);
  });

  test('of a large value is given up with it, also when it shrinks', () => {
    const filled = new Filled(1);
    const { keyspace } = filled;
    const { usedBytes } = keyspace;
    filled.set(0, NO_EXPIRY, 10_000_000);
    expect(keyspace.usedBytes).toBeGreaterThan(10_000_000);
    const key = bytesOf('key:0');
    keyspace.databases[0].reshape(keySlot(key), key, 0, key.length, 20_000, 0);
    expect(keyspace.usedBytes).toBeLessThan(usedBytes + 50_000);
    filled.set(0);
    expect(keyspace.usedBytes).toBe(usedBytes);
  });
});

test('a key costs about what its bytes need', () => {
  const empty = new Filled(0).keyspace.usedBytes;
  const filled = new Filled(100_000).keyspace.usedBytes;
  // 9 bytes of key and 64 of value on average.
  expect((filled - empty) / 100_000).toBeLessThan(105);
});

describe('above the limit', () => {
  test('noeviction refuses', () => {
    const filled = new Filled(100);
    filled.limit('noeviction', 0);
    expect(filled.keyspace.ensureRoom(0)).toBe(true);
    filled.limit('noeviction', 1);
    expect(filled.keyspace.ensureRoom(0)).toBe(false);
    expect(filled.keyspace.evictedCount).toBe(0);
  });

  test('the lru policies take keys that were not used for long', () => {
    const filled = new Filled(2000);
    const { keyspace } = filled;
    for (let i = 1000; i < 2000; i++) filled.has(i, 3_600_000);
    filled.limit('allkeys-lru', 50_000);
    while (keyspace.usedBytes > keyspace.memoryLimit.maxMemoryBytes) {
      expect(keyspace.ensureRoom(3_700_000)).toBe(true);
    }
    expect(keyspace.evictedCount).toBeGreaterThan(400);
    let used = 0;
    for (let i = 1000; i < 2000; i++) if (filled.has(i)) used++;
    expect(used).toBeGreaterThan(980);
  });

  test('the lfu policies take keys that are used seldom', () => {
    const filled = new Filled(0);
    const { keyspace } = filled;
    keyspace.memoryLimit = { ...DEFAULT_MEMORY_LIMIT, policy: 'allkeys-lfu' };
    for (let i = 0; i < 2000; i++) filled.set(i);
    for (let times = 0; times < 50; times++) for (let i = 0; i < 1000; i++) filled.has(i);
    expect(keyspace.databases[0].foundFrequency).toBeGreaterThan(5);
    filled.limit('allkeys-lfu', 50_000);
    while (keyspace.usedBytes > keyspace.memoryLimit.maxMemoryBytes) keyspace.ensureRoom(0);
    let often = 0;
    for (let i = 0; i < 1000; i++) if (filled.has(i)) often++;
    expect(often).toBeGreaterThan(950);
  });

  test('the volatile policies take nothing that does not expire, and tell when that is all', () => {
    const policies = ['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl'] as const;
    for (const policy of policies) {
      const filled = new Filled(200, { expireAtMs: (i) => (i < 100 ? 1_000_000 + i : NO_EXPIRY) });
      filled.limit(policy, filled.keyspace.usedBytes - 1);
      const causes = new Set<string>();
      const keys = new Set<string>();
      filled.keyspace.onRemoval = (cause, _database, _slot, bytes, start, end) => {
        causes.add(cause);
        keys.add(latin1(bytes.subarray(start, end)));
      };
      expect(filled.keyspace.ensureRoom(0)).toBe(false);
      expect(filled.keyspace.evictedCount).toBe(100);
      expect([...causes]).toEqual(['evicted']);
      expect(keys.size).toBe(100);
      for (let i = 100; i < 200; i++) expect(filled.has(i)).toBe(true);
    }
  });

  test('volatile-ttl takes the one that expires first', () => {
    const filled = new Filled(100, { expireAtMs: (i) => 1_000_000 - i });
    filled.limit('volatile-ttl', 1);
    expect(filled.keyspace.ensureRoom(0)).toBe(true);
    expect(filled.has(99)).toBe(false);
    expect(filled.keyspace.databases[0].size).toBe(99);
  });

  test('one call does not evict without end, but it does let the command run', () => {
    const filled = new Filled(5000);
    filled.limit('allkeys-random', 100_000);
    expect(filled.keyspace.ensureRoom(0)).toBe(true);
    expect(filled.keyspace.databases[0].size).toBeGreaterThan(4000);
  });
});

test('access data: idle time, touching, and looking without touching', () => {
  const filled = new Filled(0);
  const { keyspace } = filled;
  const [database] = keyspace.databases;
  keyspace.expireCycle(1_000_000, 0);
  filled.set(1);
  database.touchOnFind = false;
  filled.has(1, 1_050_000);
  expect(database.foundIdleMs).toBe(50_000);
  filled.has(1, 1_060_000);
  expect(database.foundIdleMs).toBe(60_000);
  database.touch(1_060_000);
  filled.has(1, 1_061_000);
  expect(database.foundIdleMs).toBe(1000);
  database.touchOnFind = true;
  filled.has(1, 1_070_000);
  expect(database.foundIdleMs).toBe(10_000);
  filled.has(1, 1_071_000);
  expect(database.foundIdleMs).toBe(1000);
});

test('access data that come from elsewhere are kept as the policy counts them', () => {
  const filled = new Filled(1);
  const [database] = filled.keyspace.databases;
  const nowMs = 1_000_000_000;
  const setAccess = (idleMs: number | null, frequency: number | null): void => {
    database.touchOnFind = false;
    expect(filled.has(0, nowMs)).toBe(true);
    database.setFoundAccess(idleMs, frequency, nowMs);
    expect(filled.has(0, nowMs)).toBe(true);
    expect(database.foundEnd - database.foundStart).toBe(64);
  };
  setAccess(123_456, 7);
  expect(database.foundIdleMs).toBe(123_000);
  setAccess(null, 7);
  expect(database.foundIdleMs).toBe(123_000);
  setAccess(Number.MAX_SAFE_INTEGER, null);
  expect(database.foundIdleMs).toBe(16_777_214_000);
  filled.limit('allkeys-lfu', 1_000_000);
  setAccess(5000, 200);
  expect(database.foundFrequency).toBe(200);
  setAccess(5000, null);
  expect(database.foundFrequency).toBe(200);
});
