// A slot that is deleted is empty at once; what it held is given back in slices, and shown to snapshots until then.

import { keySlot } from '@slotmesh/crc16-slots';
import { expect, test } from 'vitest';
import { DEFAULT_MEMORY_LIMIT, MemoryKeyspace, NO_EXPIRY } from '../src/index.ts';
import { bytesOf, latin1, Twin } from './support/model-keyspace.ts';

/** Some of the slot's pages are split once more than others then. */
const COUNT = 7000;
const SLOT = keySlot('{t}');

class Filled {
  readonly keyspace: MemoryKeyspace;
  readonly removed: string[] = [];

  constructor() {
    const hashKey = { low: 0x1234, high: 0x5678 };
    this.keyspace = new MemoryKeyspace({ databases: 1, bySlot: true, hashKey });
    this.keyspace.onRemoval = (cause) => this.removed.push(cause);
  }

  set(count: number, expireAtMs: number = NO_EXPIRY, value = 'value'): void {
    for (let i = 0; i < count; i++) {
      const bytes = bytesOf(`{t}${i}${value}`);
      const keyEnd = bytes.length - value.length;
      const [database] = this.keyspace.databases;
      database.setString(SLOT, bytes, 0, keyEnd, keyEnd, bytes.length, expireAtMs);
    }
  }

  reclaim(): void {
    while (this.keyspace.reclaim(1000) > 0);
  }
}

test('it is empty at once, and new keys live beside what is still to be given back', () => {
  const filled = new Filled();
  const { keyspace } = filled;
  const [database] = keyspace.databases;
  const emptyBytes = keyspace.usedBytes;
  filled.set(COUNT);
  const fullBytes = keyspace.usedBytes;
  const { changeCount } = keyspace;
  expect(database.deleteSlot(SLOT)).toBe(COUNT);
  expect(keyspace.changeCount).toBe(changeCount + COUNT);
  // No entry was given back yet: the call cost the same as for one key.
  expect(keyspace.usedBytes).toBeGreaterThan(fullBytes - 100);
  expect([database.size, database.countInSlot(SLOT)]).toEqual([0, 0]);
  expect(database.find(SLOT, bytesOf('{t}1'), 0, 4, 0)).toBe(false);
  expect(database.keysInSlot(SLOT, 10, 0)).toEqual([]);
  expect(database.randomKey(() => 7, 0)).toBeNull();
  expect(database.scan(0n, 10, -1, 0, () => expect.unreachable())).toBe(0n);
  expect(database.deleteSlot(SLOT)).toBe(0);
  filled.set(10);
  expect(database.countInSlot(SLOT)).toBe(10);
  let given = 0;
  for (let done = 1, before = keyspace.usedBytes; done > 0; given += done) {
    done = keyspace.reclaim(100);
    expect(done).toBeLessThanOrEqual(100);
    if (done > 0) expect(keyspace.usedBytes).toBeLessThan(before);
    before = keyspace.usedBytes;
  }
  expect(given).toBe(COUNT);
  expect(database.countInSlot(SLOT)).toBe(10);
  expect(latin1(database.keysInSlot(SLOT, 1, 0)[0])).toMatch(/^\{t}\d$/);
  database.deleteSlot(SLOT);
  filled.reclaim();
  expect(keyspace.usedBytes).toBe(emptyBytes);
});

test('its keys do not expire any more', () => {
  const filled = new Filled();
  const { keyspace } = filled;
  const [database] = keyspace.databases;
  filled.set(COUNT, 1000);
  expect([database.expiringCount, database.averageTtlMs(0)]).toEqual([COUNT, 1000]);
  database.deleteSlot(SLOT);
  expect([database.expiringCount, database.averageTtlMs(0)]).toEqual([0, 0]);
  filled.set(10, 2000);
  expect(database.expiringCount).toBe(10);
  keyspace.reclaim(100);
  expect(keyspace.expireCycle(1500, 200)).toBe(0);
  expect(filled.removed).toEqual([]);
  expect(database.expiringCount).toBe(10);
  filled.reclaim();
  expect(database.expiringCount).toBe(10);
  expect(keyspace.expireCycle(2001, 1000)).toBe(10);
  expect(keyspace.expiredCount).toBe(10);
  expect(database.expiringCount).toBe(0);
  filled.set(20, 3000);
  database.deleteSlot(SLOT);
  expect(database.expiringCount).toBe(0);
  filled.reclaim();
  expect(database.expiringCount).toBe(0);
});

test('its memory goes before keys that are still wanted are evicted', () => {
  const filled = new Filled();
  const { keyspace } = filled;
  const [database] = keyspace.databases;
  filled.set(COUNT, 1_000_000);
  database.deleteSlot(SLOT);
  filled.set(10, 2_000_000);
  const maxMemoryBytes = keyspace.usedBytes - 100_000;
  keyspace.memoryLimit = { ...DEFAULT_MEMORY_LIMIT, maxMemoryBytes, policy: 'volatile-ttl' };
  while (keyspace.usedBytes > maxMemoryBytes) expect(keyspace.ensureRoom(0)).toBe(true);
  expect(keyspace.evictedCount).toBe(0);
  expect(database.size).toBe(10);
});

test('its blocks do not move meanwhile, those of others do afterwards', () => {
  const filled = new Filled();
  const { keyspace } = filled;
  const [database] = keyspace.databases;
  filled.set(COUNT, NO_EXPIRY, 'x'.repeat(500));
  for (let i = 0; i < COUNT; i++) {
    const key = bytesOf(`{t}${i}`);
    if (i % 5 !== 0) database.delete(SLOT, key, 0, key.length, 0);
  }
  const other = bytesOf('{u}');
  const otherSlot = keySlot('{u}');
  expect(otherSlot).not.toBe(SLOT);
  database.setString(otherSlot, other, 0, 3, 0, 3, NO_EXPIRY);
  database.deleteSlot(otherSlot);
  expect(keyspace.compact(100)).toBe(0);
  filled.reclaim();
  expect(keyspace.compact(100)).toBe(100);
});

test('a snapshot that needs it sees to it by itself, in slices', () => {
  const twin = new Twin(true);
  for (let i = 0; i < COUNT; i++) twin.set(`{t}${i}`, 'old', null);
  twin.set('a', 'other slot', null);
  const { usedBytes } = twin.keyspace;
  twin.openSnapshot(null);
  twin.deleteSlot(SLOT);
  for (let i = 0; i < 100; i++) twin.set(`{t}${i}`, 'new', null);
  twin.openSnapshot(null);
  const [{ seen, cursor }] = twin.snapshots;
  for (let more = true, before = 0; more; before = seen.size) {
    more = cursor.step(10);
    // A slice goes on to the end of an index page.
    expect(seen.size - before).toBeLessThan(1200);
  }
  expect(seen.size).toBe(COUNT + 1);
  expect(twin.keyspace.usedBytes).toBeLessThan(usedBytes);
  while (twin.snapshots.length > 0) twin.stepSnapshot(0, 10, false);
});

test('a snapshot that is in the midst of it goes on where it is', () => {
  const twin = new Twin(true);
  for (let i = 0; i < COUNT; i++) twin.set(`{t}${i}`, 'old', null);
  twin.openSnapshot(null);
  const [{ seen, cursor }] = twin.snapshots;
  while (seen.size < COUNT / 2) expect(cursor.step(100)).toBe(true);
  // Also where some pages were handed over since.
  for (let i = 0; i < 2; i++) twin.set(`{t}new${i}`, 'new', null);
  expect(seen.size).toBeLessThan(COUNT);
  twin.deleteSlot(SLOT);
  twin.set('{t}1', 'new', null);
  while (twin.snapshots.length > 0) twin.stepSnapshot(0, 100, false);
});

test('a snapshot that is past it, or does not cover it, has nothing to do with it', () => {
  const twin = new Twin(true);
  for (let i = 0; i < 100; i++) twin.set(`{t}${i}`, 'value', null);
  twin.openSnapshot(new Set([SLOT]));
  twin.openSnapshot(new Set([twin.slot('a')]));
  const [past, beside] = twin.snapshots;
  expect(past.cursor.step(100)).toBe(false);
  twin.deleteSlot(SLOT);
  expect(beside.cursor.step(1)).toBe(false);
  expect([past.seen.size, beside.seen.size]).toEqual([100, 0]);
});
