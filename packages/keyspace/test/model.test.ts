// The keyspace against a dumb model: commands, expiry, growth, compaction, eviction and snapshots in any order.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EvictionPolicy } from '../src/index.ts';
import { latin1, Twin } from './support/model-keyspace.ts';

const POLICIES: readonly EvictionPolicy[] = [
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
];

const key = fc.oneof(
  { weight: 6, arbitrary: fc.nat(20).map((n) => `key:${n}`) },
  { weight: 6, arbitrary: fc.nat(50).map((n) => `{t}${n}`) },
  { weight: 1, arbitrary: fc.constantFrom('', 'a', '\xff\x00', '__proto__', 'x'.repeat(300)) },
  { weight: 1, arbitrary: fc.constantFrom('y'.repeat(2047), 'y'.repeat(2048), 'z'.repeat(20_000)) },
);
/** Around each limit of the layout: short, wide, larger than a copying loop, larger than a block. */
const length = fc.oneof(
  { weight: 4, arbitrary: fc.nat(70) },
  { weight: 3, arbitrary: fc.integer({ min: 250, max: 260 }) },
  { weight: 2, arbitrary: fc.integer({ min: 300, max: 5000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 16_300, max: 16_400 }) },
  { weight: 1, arbitrary: fc.integer({ min: 30_000, max: 40_000 }) },
);
const ttl = fc.option(fc.nat(20), { nil: null });
const letter = fc.constantFrom('a', 'b', '\xee');
const many = fc.record({ from: fc.nat(3000), count: fc.integer({ min: 100, max: 2500 }) });
const inOneSlot = fc.boolean();

/** From compact ones to structures that take several slices. */
const members = fc
  .tuple(fc.nat(30), fc.oneof(fc.nat(4), fc.integer({ min: 20, max: 500 })))
  .map(([from, count]) => Array.from({ length: count }, (_, i) => `m${from + i}`));
/** Keys that are sets more often than not. */
const setKey = fc.nat(8).map((n) => (n % 2 === 0 ? `{t}${n}` : `key:${n}`));

type Step = (twin: Twin) => void;
const manyKeys = (from: number, count: number, inOne: boolean): string[] =>
  Array.from({ length: count }, (_, i) => `${inOne ? '{t}' : 'many:'}${from + i}`);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(key, length, letter, ttl).map(
      ([k, n, c, t]) =>
        (twin: Twin) =>
          twin.set(k, c.repeat(n), t),
    ),
  },
  { weight: 3, arbitrary: key.map((k) => (twin: Twin) => void twin.get(k)) },
  {
    weight: 2,
    arbitrary: fc.tuple(key, key).map(
      ([a, b]) =>
        (twin: Twin) =>
          twin.copy(a, b),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(setKey, members, fc.nat(2)).map(
      ([k, names, n]) =>
        (twin: Twin) =>
          twin.changeSet(k, names, n > 0),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.oneof(key, setKey), fc.oneof(key, setKey)).map(
      ([a, b]) =>
        (twin: Twin) =>
          twin.rename(a, b),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(setKey, key).map(
      ([a, b]) =>
        (twin: Twin) =>
          twin.copy(a, b),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.nat(800).map((limit) => (twin: Twin) => void twin.keyspace.reclaim(limit)),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(key, length, letter).map(
      ([k, n, c]) =>
        (twin: Twin) =>
          twin.reshape(k, n, c),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(key, ttl).map(
      ([k, t]) =>
        (twin: Twin) =>
          twin.expire(k, t),
    ),
  },
  { weight: 3, arbitrary: key.map((k) => (twin: Twin) => twin.delete(k)) },
  { weight: 1, arbitrary: key.map((k) => (twin: Twin) => twin.deleteSlot(twin.slot(k))) },
  {
    weight: 2,
    arbitrary: fc.tuple(many, inOneSlot, ttl).map(([{ from, count }, one, t]) => (twin: Twin) => {
      // Long enough to fill several segments, so that there is something to compact.
      for (const name of manyKeys(from, count, one)) twin.set(name, name.padEnd(700, '.'), t);
    }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(many, inOneSlot, fc.integer({ min: 1, max: 3 })).map((how) => {
      const [{ from, count }, one, kept] = how;
      return (twin: Twin) => {
        const names = manyKeys(from, count, one);
        for (let i = 0; i < count; i++) if (kept === 1 || i % kept !== 0) twin.delete(names[i]);
      };
    }),
  },
  {
    weight: 4,
    arbitrary: fc.nat(3000).map((limit) => (twin: Twin) => {
      expect(twin.keyspace.compact(limit)).toBeLessThanOrEqual(limit);
    }),
  },
  {
    weight: 2,
    arbitrary: fc.nat(500).map((limit) => (twin: Twin) => {
      const before = twin.removed;
      expect(twin.keyspace.expireCycle(twin.nowMs, limit)).toBe(twin.removed - before);
      expect(twin.removed - before).toBeLessThanOrEqual(limit);
    }),
  },
  {
    weight: 2,
    arbitrary: fc.nat(12).map((ms) => (twin: Twin) => {
      twin.nowMs += ms;
    }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...POLICIES), fc.nat(20_000)).map(
      ([policy, bytes]) =>
        (twin: Twin) =>
          evict(twin, policy, bytes),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.option(fc.array(key, { maxLength: 5 }), { nil: null }).map((keys) => {
      return (twin: Twin) => {
        if (twin.snapshots.length >= 3) return;
        twin.openSnapshot(keys === null ? null : new Set(keys.map((k) => twin.slot(k))));
      };
    }),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(fc.nat(2), fc.nat(800), fc.nat(9)).map(
      ([which, count, n]) =>
        (twin: Twin) =>
          twin.stepSnapshot(which, count, n === 0),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(2 ** 31).map((n) => (twin: Twin) => {
      const name = twin.database.randomKey(() => n, twin.nowMs);
      if (name === null) expect(twin.model.size).toBe(0);
      else expect(twin.live(latin1(name))).toBeDefined();
    }),
  },
  { weight: 1, arbitrary: fc.nat(9).map((n) => (twin: Twin) => n === 0 && twin.clear()) },
) as fc.Arbitrary<Step>;

function evict(twin: Twin, policy: EvictionPolicy, bytes: number): void {
  const { keyspace } = twin;
  const maxMemoryBytes = Math.max(1, keyspace.usedBytes - bytes);
  const before = twin.removed;
  keyspace.memoryLimit = { ...keyspace.memoryLimit, maxMemoryBytes, policy };
  const expiring = twin.database.expiringCount;
  const hasRoom = keyspace.ensureRoom(twin.nowMs);
  keyspace.memoryLimit = { ...keyspace.memoryLimit, maxMemoryBytes: 0 };
  if (policy.startsWith('volatile')) {
    expect(expiring - twin.database.expiringCount).toBe(twin.removed - before);
  }
  if (hasRoom) return;
  const left = policy.startsWith('volatile') ? twin.database.expiringCount : twin.database.size;
  expect(left).toBe(0);
}

describe('any sequence of commands, expiry, growth, compaction, eviction and snapshots', () => {
  for (const bySlot of [true, false]) {
    test(`does what a map would do${bySlot ? ', by slot' : ''}`, () => {
      fc.assert(
        fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => {
          const twin = new Twin(bySlot);
          const emptyBytes = twin.keyspace.usedBytes;
          for (const name of [...manyKeys(0, 40, true), ...manyKeys(0, 100, false)]) {
            twin.set(name, name, null);
          }
          for (const change of steps) change(twin);
          twin.check();
          while (twin.snapshots.length > 0) twin.stepSnapshot(0, 1000, false);
          for (const name of [...twin.model.keys()]) twin.delete(name);
          twin.check();
          twin.reclaim();
          // One chunk of the expiry heap may stay; nothing else does.
          expect(twin.keyspace.usedBytes).toBeLessThanOrEqual(emptyBytes + 100_000);
        }),
        { numRuns: 20 },
      );
    });
  }
});
