// What becomes of keys whose time is over, in each of the three ways.

import { describe, expect, test } from 'vitest';
import { type Database, MemoryKeyspace } from '../src/index.ts';

const KEY = new Uint8Array(Buffer.from('key'));
const LATER = 1001;

function withExpiredKey(): { keyspace: MemoryKeyspace; database: Database; removed: string[] } {
  const keyspace = new MemoryKeyspace({
    databases: 1,
    bySlot: false,
    hashKey: { low: 1, high: 2 },
  });
  const [database] = keyspace.databases;
  const removed: string[] = [];
  keyspace.onRemoval = (cause) => removed.push(cause);
  database.setValue(0, KEY, 0, 3, KEY, 0, 3, 1000);
  return { keyspace, database, removed };
}

const isThere = (database: Database): boolean => database.find(0, KEY, 0, 3, LATER);

function keysOf(database: Database): number {
  let count = 0;
  database.forEachKey(LATER, () => count++);
  return count;
}

test('unless told otherwise whoever meets one deletes it', () => {
  const { database, removed } = withExpiredKey();
  expect(isThere(database)).toBe(false);
  expect([database.size, removed]).toEqual([0, ['expired']]);
});

describe('hidden', () => {
  test('nobody sees or deletes it', () => {
    const { keyspace, database, removed } = withExpiredKey();
    keyspace.expiredKeys = 'hide';
    expect(isThere(database)).toBe(false);
    expect(database.setExpiry(0, KEY, 0, 3, 5000, LATER)).toBe(false);
    expect(database.delete(0, KEY, 0, 3, LATER)).toBe(false);
    expect(database.detach(0, KEY, 0, 3, LATER)).toBe(null);
    expect(keysOf(database)).toBe(0);
    expect(keyspace.expireCycle(LATER, 10)).toBe(0);
    expect([database.size, removed]).toEqual([1, []]);
    keyspace.expiredKeys = 'delete';
    expect(keyspace.expireCycle(LATER, 10)).toBe(1);
    expect([database.size, removed]).toEqual([0, ['expired']]);
  });

  test('a new value takes its place', () => {
    const { keyspace, database } = withExpiredKey();
    keyspace.expiredKeys = 'hide';
    database.reshape(0, KEY, 0, 3, 2, LATER);
    expect(database.foundBytes.subarray(database.foundStart, database.foundEnd)).toEqual(
      new Uint8Array(2),
    );
    expect([isThere(database), database.size, database.expiringCount]).toEqual([true, 1, 0]);
  });

  test('one is drawn where there is no other', () => {
    const { keyspace, database } = withExpiredKey();
    keyspace.expiredKeys = 'hide';
    expect(database.randomKey(() => 0, LATER)).toEqual(KEY);
  });
});

test('kept, it is there for everybody but the cycle', () => {
  const { keyspace, database, removed } = withExpiredKey();
  keyspace.expiredKeys = 'keep';
  expect([isThere(database), database.foundExpireAtMs, keysOf(database)]).toEqual([true, 1000, 1]);
  expect(keyspace.expireCycle(LATER, 10)).toBe(0);
  database.reshape(0, KEY, 0, 3, 5, LATER);
  expect(database.foundExpireAtMs).toBe(1000);
  expect(database.setExpiry(0, KEY, 0, 3, 5000, LATER)).toBe(true);
  expect(database.delete(0, KEY, 0, 3, LATER)).toBe(true);
  expect(removed).toEqual([]);
});
