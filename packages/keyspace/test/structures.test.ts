// Values that are no strings: their tags, their memory, how they are released, and that moving one copies nothing.

import { keySlot } from '@slotmesh/crc16-slots';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Database,
  DEFAULT_MEMORY_LIMIT,
  MemoryKeyspace,
  NO_EXPIRY,
  ValueKind,
} from '../src/index.ts';
import { ByteSet } from './support/byte-set.ts';
import { bytesOf, latin1 } from './support/model-keyspace.ts';

const MEMBERS = 5000;

let keyspace: MemoryKeyspace;
let database: Database;
let emptyBytes: number;

beforeEach(() => {
  const hashKey = { low: 0x1234, high: 0x5678 };
  keyspace = new MemoryKeyspace({ databases: 2, bySlot: true, hashKey });
  [database] = keyspace.databases;
  // One expiry comes and goes: the heap keeps a chunk.
  setString('x', 'x', 1);
  expect(keyspace.expireCycle(2, 1)).toBe(1);
  emptyBytes = keyspace.usedBytes;
});

function setOf(count: number): ByteSet {
  const set = new ByteSet();
  for (let i = 0; i < count; i++) set.add(bytesOf(`m${i}`));
  return set;
}

const slotOf = (key: string): number => keySlot(bytesOf(key));

function setString(key: string, value: string, expireAtMs = NO_EXPIRY): void {
  const bytes = bytesOf(key + value);
  database.setString(slotOf(key), bytes, 0, key.length, key.length, bytes.length, expireAtMs);
}

function setStructure(key: string, set: ByteSet, expireAtMs = NO_EXPIRY): void {
  database.setStructure(slotOf(key), bytesOf(key), 0, key.length, set, expireAtMs);
}

function find(key: string, nowMs = 0, from = database): boolean {
  return from.find(slotOf(key), bytesOf(key), 0, key.length, nowMs);
}

function rename(key: string, to: string, target = database): void {
  const value = database.detach(slotOf(key), bytesOf(key), 0, key.length, 0);
  if (value === null) throw new Error('the key is missing');
  target.attach(slotOf(to), bytesOf(to), 0, to.length, value);
}

const foundValue = (): string =>
  latin1(database.foundBytes.subarray(database.foundStart, database.foundEnd));

describe('compact bytes of every kind', () => {
  for (const [type, kind] of Object.entries(ValueKind)) {
    test(`${type}: the tag stays whatever happens to the value`, () => {
      const bytes = bytesOf('key<value>');
      const slot = slotOf('key');
      database.setCompact(slot, bytes, 0, 3, kind, bytes, 4, 9, NO_EXPIRY);
      const expectValue = (value: string): void => {
        expect(find('key')).toBe(true);
        expect([database.foundKind, database.foundType]).toEqual([kind, type]);
        expect(database.foundStructure).toBeNull();
        expect(foundValue() === value).toBe(true);
      };
      expectValue('value');
      // The first expiry needs a larger block, a long value one outside.
      database.setExpiry(slot, bytes, 0, 3, 1000, 0);
      expectValue('value');
      database.reshape(slot, bytes, 0, 3, 20_000, 0);
      expectValue('value'.padEnd(20_000, '\0'));
      database.reshape(slot, bytes, 0, 3, 2, 0);
      expectValue('va');
      expect(database.foundExpireAtMs).toBe(1000);
      const types: string[] = [];
      database.scan(0n, 10, -1, 0, (_key, found) => types.push(found));
      database.snapshot(null, (entry) => types.push(entry.type)).step(10);
      expect(types).toEqual([type, type]);
      setString('key', 'text');
      find('key');
      expect(database.foundType).toBe('string');
    });
  }
});

describe('the memory of a structure', () => {
  test('is counted as it grows and shrinks, for the keyspace and the key', () => {
    const set = setOf(10);
    setStructure('key', set);
    const { usedBytes } = keyspace;
    expect(usedBytes).toBeGreaterThan(emptyBytes + set.memoryBytes);
    find('key');
    const { foundMemoryBytes } = database;
    expect(database.foundStructure).toBe(set);
    database.changing();
    const before = set.memoryBytes;
    for (let i = 0; i < 100; i++) set.add(bytesOf(`more${i}`));
    const grown = set.memoryBytes - before;
    expect(grown).toBeGreaterThan(5000);
    expect(keyspace.usedBytes - usedBytes).toBe(grown);
    expect(database.foundMemoryBytes - foundMemoryBytes).toBe(grown);
    for (let i = 0; i < 100; i++) set.remove(bytesOf(`more${i}`));
    expect(keyspace.usedBytes).toBe(usedBytes);
  });

  test('makes keys go above the limit', () => {
    const set = setOf(1);
    setStructure('key', set, 1_000_000);
    setString('other', 'value');
    const maxMemoryBytes = keyspace.usedBytes + 1000;
    keyspace.memoryLimit = { ...DEFAULT_MEMORY_LIMIT, maxMemoryBytes, policy: 'volatile-ttl' };
    expect(keyspace.ensureRoom(0)).toBe(true);
    expect(find('key')).toBe(true);
    database.changing();
    for (let i = 0; i < MEMBERS; i++) set.add(bytesOf(`m${i}`));
    expect(keyspace.ensureRoom(0)).toBe(false);
    expect([find('key'), find('other')]).toEqual([false, true]);
    // What was evicted is given back before another key has to go.
    while (keyspace.usedBytes > maxMemoryBytes) expect(keyspace.ensureRoom(0)).toBe(true);
    expect(keyspace.evictedCount).toBe(1);
  });

  test('and its image keep, while the image is open', () => {
    const set = setOf(100);
    setStructure('key', set);
    const { usedBytes } = keyspace;
    const image = set.freeze();
    image.step(50, () => undefined);
    for (let i = 0; i < 100; i++) set.remove(bytesOf(`m${i}`));
    const frozen = keyspace.usedBytes;
    expect(frozen).toBeLessThan(usedBytes);
    image.close();
    expect(keyspace.usedBytes).toBeLessThan(frozen);
  });
});

const REMOVALS: Readonly<Record<string, (key: string) => void>> = {
  'its key is deleted': (key) => database.delete(slotOf(key), bytesOf(key), 0, key.length, 0),
  'its key gets another value': (key) => setString(key, ''),
  'its key expires, and is met': (key) => find(key, 2_000_000),
  'its key expires in the cycle': () => keyspace.expireCycle(2_000_000, 10),
  'its slot is deleted': (key) => database.deleteSlot(slotOf(key)),
  'another key is renamed to it': (key) => {
    setString('other', '');
    rename('other', key);
  },
};

describe('a structure is released in slices where', () => {
  for (const [what, remove] of Object.entries(REMOVALS)) {
    test(what, () => {
      const set = setOf(MEMBERS);
      setStructure('key', set, 1_000_000);
      remove('key');
      // The entry first, where the slot was deleted.
      keyspace.reclaim(1);
      expect(set.size).toBeGreaterThan(MEMBERS - 200);
      expect(keyspace.usedBytes).toBeGreaterThanOrEqual(emptyBytes + set.memoryBytes);
      let slices = 0;
      for (let size = set.size; keyspace.reclaim(100) > 0; size = set.size) {
        expect(size - set.size).toBeLessThanOrEqual(100);
        slices++;
      }
      expect(slices).toBeGreaterThan(40);
      expect([set.size, set.memoryBytes, set.host]).toEqual([0, 0, null]);
      database.delete(slotOf('key'), bytesOf('key'), 0, 3, 0);
      expect(keyspace.usedBytes).toBe(emptyBytes);
    });
  }

  test('its image is at its end, which shows all that was there', () => {
    const set = setOf(MEMBERS);
    setStructure('key', set);
    const image = set.freeze();
    database.delete(slotOf('key'), bytesOf('key'), 0, 3, 0);
    expect(keyspace.reclaim(100)).toBe(0);
    expect(keyspace.usedBytes).toBeGreaterThan(emptyBytes + MEMBERS);
    let seen = 0;
    while (image.step(100, () => seen++)) expect(keyspace.reclaim(100)).toBe(0);
    expect(seen).toBe(MEMBERS);
    while (keyspace.reclaim(1000) > 0);
    expect(keyspace.usedBytes).toBe(emptyBytes);
  });
});

test('a snapshot of a structure is taken in slices, while the structure changes and goes', () => {
  const set = setOf(MEMBERS);
  setStructure('key', set);
  let image = set.freeze();
  image.close();
  const snapshot = database.snapshot(null, ({ structure, valueStart, valueEnd }) => {
    expect([structure, valueEnd - valueStart]).toEqual([set, 0]);
    image = set.freeze();
  });
  find('key');
  database.changing();
  set.add(bytesOf('late'));
  expect(image.size).toBe(MEMBERS);
  const seen = new Set<string>();
  const take = (bytes: Uint8Array, start: number, end: number): void => {
    seen.add(latin1(bytes.subarray(start, end)));
  };
  for (let i = 0; image.step(100, take); i++) {
    expect(seen.size).toBe(100 * (i + 1));
    for (let j = 0; j < 10; j++) set.remove(bytesOf(`m${MEMBERS - 10 * i - j}`));
    if (i === 20) database.delete(slotOf('key'), bytesOf('key'), 0, 3, 0);
  }
  expect([...seen].sort()).toEqual(setOf(MEMBERS).names);
  expect(snapshot.step(10)).toBe(false);
});

test('an emptied database counts as long as a snapshot of it is open', () => {
  for (let i = 0; i < 1000; i++) setString(`key${i}`, 'value'.repeat(100));
  setStructure('set', setOf(MEMBERS));
  const { usedBytes, heldBytes } = keyspace;
  let seen = 0;
  const snapshot = database.snapshot(null, () => seen++);
  const another = database.snapshot(null, () => seen++);
  expect(database.clear()).toBe(1001);
  expect(database.size).toBe(0);
  expect(keyspace.usedBytes).toBeGreaterThanOrEqual(usedBytes);
  expect(keyspace.heldBytes).toBeGreaterThanOrEqual(heldBytes);
  while (snapshot.step(100)) expect(keyspace.usedBytes).toBeGreaterThanOrEqual(usedBytes);
  expect(keyspace.usedBytes).toBeGreaterThanOrEqual(usedBytes);
  another.close();
  expect(seen).toBe(1001);
  expect(keyspace.usedBytes).toBeLessThan(emptyBytes + 1000);
});

describe('a value that changes its key', () => {
  test('is not copied where it is large, also to another database', () => {
    setString('from', 'x'.repeat(1_000_000), 5000);
    find('from');
    const { buffer } = database.foundBytes;
    const { usedBytes } = keyspace;
    rename('from', 'to');
    expect([find('from'), find('to')]).toEqual([false, true]);
    expect(database.foundBytes.buffer).toBe(buffer);
    expect(database.foundExpireAtMs).toBe(5000);
    expect(Math.abs(keyspace.usedBytes - usedBytes)).toBeLessThan(100);
    const [, second] = keyspace.databases;
    rename('to', 'there', second);
    expect(database.size).toBe(0);
    expect(find('there', 0, second)).toBe(true);
    expect(second.foundBytes.buffer).toBe(buffer);
    expect([database.expiringCount, second.expiringCount]).toEqual([0, 1]);
    expect(second.foundEnd - second.foundStart).toBe(1_000_000);
    second.deleteSlot(slotOf('there'));
    while (keyspace.reclaim(100) > 0);
    expect(keyspace.usedBytes).toBeLessThan(emptyBytes + 200_000);
  });

  test('keeps room to grow into, also where it is shorter than a block then', () => {
    setString('from', 'x'.repeat(100_000));
    database.reshape(slotOf('from'), bytesOf('from'), 0, 4, 150_000, 0);
    rename('from', 'to');
    database.reshape(slotOf('to'), bytesOf('to'), 0, 2, 100_001, 0);
    expect(foundValue() === `${'x'.repeat(100_000)}\0`).toBe(true);
    database.reshape(slotOf('to'), bytesOf('to'), 0, 2, 3, 0);
    expect(foundValue()).toBe('xxx');
  });

  test('is the same structure', () => {
    const set = setOf(100);
    setStructure('from', set);
    const { usedBytes } = keyspace;
    rename('from', 'longer name');
    find('longer name');
    expect(database.foundStructure).toBe(set);
    expect(Math.abs(keyspace.usedBytes - usedBytes)).toBeLessThan(50);
    set.add(bytesOf('another'));
    expect(keyspace.usedBytes).toBeGreaterThan(usedBytes);
  });

  test('goes from and to keys too long for a block', () => {
    const names = ['short', 'l'.repeat(2047), 'm'.repeat(2048), 'n'.repeat(100_000), '', 'end'];
    setString(names[0], 'value', 5000);
    for (let i = 1; i < names.length; i++) {
      rename(names[i - 1], names[i]);
      expect([find(names[i - 1]), find(names[i])]).toEqual([false, true]);
      expect([foundValue(), database.foundExpireAtMs]).toEqual(['value', 5000]);
    }
    expect(database.size).toBe(1);
  });

  test('keeps its access data', () => {
    keyspace.expireCycle(1_000_000, 0);
    setString('from', 'value');
    keyspace.expireCycle(1_050_000, 0);
    rename('from', 'to');
    database.touchOnFind = false;
    expect(find('to', 1_060_000)).toBe(true);
    expect(database.foundIdleMs).toBe(60_000);
  });
});

describe('mistakes of the caller', () => {
  test('a structure has one key', () => {
    const set = setOf(1);
    setStructure('a', set);
    expect(() => setStructure('b', set)).toThrow('the value of one key only');
    expect(database.size).toBe(1);
    setStructure('b', set.clone());
    expect(database.size).toBe(2);
  });

  test('a structure has no bytes to reshape', () => {
    setStructure('a', setOf(1));
    const reshape = (): void => database.reshape(slotOf('a'), bytesOf('a'), 0, 1, 10, 0);
    expect(reshape).toThrow('no bytes');
  });
});
