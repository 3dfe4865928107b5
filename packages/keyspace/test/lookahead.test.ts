// Fetching ahead changes nothing, and it fetches what the look-up will ask for.

import { keySlot } from '@slotmesh/crc16-slots';
import { describe, expect, test } from 'vitest';
import type { ArenaDatabase } from '../src/arena-database.ts';
import { KeyProbe } from '../src/hash.ts';
import { MemoryKeyspace, NO_EXPIRY } from '../src/index.ts';

const HASH_KEY = { low: 5, high: 6 };
const KEYS = 5000;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const keyOf = (i: number): Uint8Array => bytesOf(`${i % 3 === 0 ? '{t}' : ''}key:${i}`);

describe.each([true, false])('by slot: %s', (bySlot) => {
  const slotOf = (key: Uint8Array): number => (bySlot ? keySlot(key) : 0);
  const keyspace = new MemoryKeyspace({ databases: 1, bySlot, hashKey: HASH_KEY });
  const database = keyspace.databases[0] as ArenaDatabase;
  const value = bytesOf('v'.repeat(100));
  for (let i = 0; i < KEYS; i++) {
    const key = keyOf(i);
    database.setValue(slotOf(key), key, 0, key.length, value, 0, value.length, NO_EXPIRY);
  }

  test('the entry that is fetched is the one that is found', () => {
    const { index } = database.store;
    const probe = new KeyProbe(HASH_KEY);
    let same = 0;
    for (let i = 0; i < KEYS; i++) {
      const key = keyOf(i);
      probe.read(key, 0, key.length);
      index.aim(slotOf(key), probe.hash);
      const ref = index.refFrom(index.page, index.cell, probe.hash);
      if (ref === index.locate(slotOf(key), probe)) same++;
    }
    // Of two keys with one hash the first is fetched for both.
    expect(same).toBeGreaterThan(KEYS - 3);
  });

  test('keys are found, or not, as before', () => {
    for (let i = 0; i < KEYS + 200; i += 100) {
      const keys = Array.from({ length: 100 }, (_, j) => keyOf(i + j));
      for (const key of keys) database.expect(slotOf(key), key, 0, key.length);
      database.fetchExpected();
      for (const [j, key] of keys.entries()) {
        expect(database.find(slotOf(key), key, 0, key.length, 0)).toBe(i + j < KEYS);
      }
    }
  });

  test('an empty database has nothing to fetch', () => {
    const empty = new MemoryKeyspace({ databases: 1, bySlot, hashKey: HASH_KEY }).databases[0];
    expect(empty.isWorthFetching).toBe(false);
    for (let i = 0; i < 10; i++) empty.expect(slotOf(keyOf(i)), keyOf(i), 0, keyOf(i).length);
    empty.fetchExpected();
    expect(empty.find(slotOf(keyOf(0)), keyOf(0), 0, keyOf(0).length, 0)).toBe(false);
  });
});
