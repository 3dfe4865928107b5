// Each kind of change while a snapshot is open: what the snapshot shows is what was there before.

import { describe, expect, test } from 'vitest';
import { KeyProbe } from '../src/hash.ts';
import { bytesOf, HASH_KEY, Twin } from './support/model-keyspace.ts';

const KEYS: readonly string[] = ['{t}1', '{t}2', 'a', 'b', 'large', 'set', 'large set'];
const SETS: Readonly<Record<string, number>> = { set: 3, 'large set': 300 };
const members = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}`);

function filled(): Twin {
  const twin = new Twin(true);
  for (const key of KEYS) {
    if (key in SETS) twin.changeSet(key, members(SETS[key]), true);
    else twin.set(key, key === 'large' ? 'x'.repeat(20_000) : 'value', null);
  }
  twin.set('expiring', 'value', 10);
  return twin;
}

/** Lets every open snapshot come to its end; the twin compares what they show. */
function finish(twin: Twin): void {
  while (twin.snapshots.length > 0) twin.stepSnapshot(0, 1, false);
}

const CHANGES: Readonly<Record<string, (twin: Twin, key: string) => void>> = {
  'a new value': (twin, key) => twin.set(key, 'other', null),
  'a new value of another size': (twin, key) => twin.set(key, 'other'.repeat(100), 5),
  'the first expiry': (twin, key) => twin.expire(key, 1000),
  'an expiry that goes': (twin) => twin.expire('expiring', null),
  'another expiry': (twin) => twin.expire('expiring', 2000),
  'writing into the value': (twin, key) => twin.reshape(key, 20_000, 'end'),
  'a longer value': (twin, key) => twin.reshape(key, 40_000, 'end'),
  'a copy over it': (twin, key) => twin.copy('b', key),
  'a copy of it': (twin, key) => twin.copy(key, 'new'),
  'another name': (twin, key) => twin.rename(key, 'new'),
  'the name of another': (twin, key) => {
    if (key !== 'b') twin.rename(key, 'b');
  },
  'the value of another': (twin, key) => {
    if (key !== 'b') twin.rename('b', key);
  },
  'more members': (twin, key) => twin.changeSet(key, members(600), true),
  'other members': (twin, key) => {
    twin.changeSet(key, ['other'], true);
    twin.changeSet(key, members(200), false);
  },
  'deleting it': (twin, key) => twin.delete(key),
  'deleting its slot': (twin, key) => twin.deleteSlot(twin.slot(key)),
  'deleting everything': (twin) => twin.clear(),
  'a new key in its slot': (twin) => twin.set('{t}new', 'value', null),
  'expiry that is met': (twin) => {
    twin.nowMs += 11;
    expect(twin.get('expiring')).toBe(false);
  },
  'expiry by the cycle': (twin) => {
    twin.nowMs += 11;
    twin.keyspace.expireCycle(twin.nowMs, 10);
    expect(twin.model.has('expiring')).toBe(false);
  },
  eviction: (twin) => {
    const { memoryLimit } = twin.keyspace;
    twin.keyspace.memoryLimit = { ...memoryLimit, maxMemoryBytes: 1, policy: 'allkeys-random' };
    expect(twin.keyspace.ensureRoom(twin.nowMs)).toBe(false);
    expect(twin.model.size).toBe(0);
  },
};

describe('a snapshot shows what was there before', () => {
  for (const [name, change] of Object.entries(CHANGES)) {
    test(name, () => {
      for (const key of KEYS) {
        const twin = filled();
        twin.openSnapshot(null);
        change(twin, key);
        twin.openSnapshot(null);
        twin.stepSnapshot(1, 1, false);
        if (twin.model.has(key)) change(twin, key);
        twin.set(key, 'once more', null);
        finish(twin);
        twin.check();
      }
    });
  }
});

test('a snapshot of some slots shows those only', () => {
  const twin = filled();
  twin.openSnapshot(new Set([twin.slot('a'), twin.slot('{t}1')]));
  expect([...twin.snapshots[0].expected.keys()].sort()).toEqual(['a', '{t}1', '{t}2'].sort());
  for (const key of KEYS) twin.delete(key);
  finish(twin);
});

test('one that is given up is handed nothing more', () => {
  const twin = filled();
  twin.openSnapshot(null);
  const { seen, cursor } = twin.snapshots[0];
  cursor.close();
  for (const key of KEYS) twin.delete(key);
  expect(cursor.step(10)).toBe(false);
  expect(seen.size).toBe(0);
});

test('a write hands over what it changes, however many keys lie beside it', () => {
  const twin = new Twin(false);
  for (let i = 0; i < 2000; i++) twin.set(`k${i}`, 'old', null);
  twin.openSnapshot(null);
  const [{ seen, cursor }] = twin.snapshots;
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 10; i++) twin.set(`k${i}`, 'new', null);
    twin.set('another', 'new', null);
  }
  twin.delete('k10');
  expect(seen.size).toBe(11);
  // A step stops in the midst of a page, and what it has visited is handed over no more.
  expect(cursor.step(100)).toBe(true);
  const { size } = seen;
  expect(size).toBeGreaterThan(11);
  expect(size).toBeLessThan(200);
  for (const key of [...seen.keys()]) twin.set(key, 'newer', null);
  expect(seen.size).toBe(size);
  finish(twin);
});

test('keys that share a hash are handed over together', () => {
  const [first, second] = keysOfOneHash();
  const changes: readonly ((twin: Twin) => void)[] = [
    (twin) => twin.set(first, 'new', null),
    (twin) => twin.delete(second),
    (twin) => twin.set('beside', 'new', null),
  ];
  for (const there of [[first, second], [first], [second]]) {
    for (const order of [changes, [...changes].reverse()]) {
      const twin = new Twin(false);
      twin.set('beside', 'old', null);
      for (const key of there) twin.set(key, 'old', null);
      twin.openSnapshot(null);
      for (const change of order) change(twin);
      twin.set(second, 'newer', null);
      finish(twin);
    }
  }
});

function keysOfOneHash(): [string, string] {
  const probe = new KeyProbe(HASH_KEY);
  const seen = new Map<number, string>();
  for (let i = 0; ; i++) {
    const key = `k${i}`;
    probe.read(bytesOf(key), 0, key.length);
    const other = seen.get(probe.hash);
    if (other !== undefined) return [other, key];
    seen.set(probe.hash, key);
  }
}
