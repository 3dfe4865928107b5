import { MemoryKeyspace, NO_EXPIRY } from '@slotmesh/keyspace';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KeyUpkeep } from '../../src/process/key-upkeep.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function expired(count: number): MemoryKeyspace {
  const keyspace = new MemoryKeyspace({
    databases: 1,
    bySlot: false,
    hashKey: { low: 1, high: 2 },
  });
  for (let i = 0; i < count; i++) {
    const key = Buffer.from(`key:${i}`);
    keyspace.databases[0].setString(0, key, 0, key.length, 0, 0, Date.now() - 1);
  }
  return keyspace;
}

test('goes on in slices until no expired key is left, then rests', () => {
  const keyspace = expired(5000);
  const upkeep = new KeyUpkeep(keyspace, () => true);
  upkeep.run();
  expect(keyspace.databases[0].size).toBeGreaterThan(4000);
  vi.runAllTimers();
  expect(keyspace.databases[0].size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('gives the memory of a deleted slot back, in slices', () => {
  const keyspace = expired(0);
  const [database] = keyspace.databases;
  const emptyBytes = keyspace.usedBytes;
  for (let i = 0; i < 5000; i++) {
    const key = Buffer.from(`key:${i}`);
    database.setString(0, key, 0, key.length, 0, 4, NO_EXPIRY);
  }
  const fullBytes = keyspace.usedBytes;
  expect(database.deleteSlot(0)).toBe(5000);
  const upkeep = new KeyUpkeep(keyspace, () => true);
  upkeep.run();
  expect(keyspace.usedBytes).toBeLessThan(fullBytes);
  expect(keyspace.usedBytes).toBeGreaterThan((fullBytes + emptyBytes) / 2);
  vi.runAllTimers();
  expect(keyspace.usedBytes).toBe(emptyBytes);
  expect(vi.getTimerCount()).toBe(0);
});

test('stops, and leaves keys alone that may not expire', () => {
  const keyspace = expired(5000);
  let expires = false;
  const upkeep = new KeyUpkeep(keyspace, () => expires);
  upkeep.run();
  vi.runAllTimers();
  expect(keyspace.databases[0].size).toBe(5000);
  expires = true;
  upkeep.run();
  upkeep.stop();
  expect(vi.getTimerCount()).toBe(0);
  expect(keyspace.databases[0].size).toBeGreaterThan(4000);
});
