// The keyspace against a dumb one, and its promises: what a scan meets, what a slot costs, when keys expire.

import { keySlot } from '@slotmesh/crc16-slots';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Database, MemoryKeyspace, NO_EXPIRY } from '../src/index.ts';

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

function memory(options: { databases?: number; bySlot?: boolean } = {}): MemoryKeyspace {
  const { databases = 1, bySlot = true } = options;
  return new MemoryKeyspace({ databases, bySlot, hashKey: { low: 0x1234, high: 0x5678 } });
}

/** The same calls with strings; key and value lie inside a larger buffer, as they do in the input. */
class Handle {
  readonly database: Database;
  readonly bySlot: boolean;
  constructor(database: Database, bySlot = true) {
    this.database = database;
    this.bySlot = bySlot;
  }

  slot(key: string): number {
    return this.bySlot ? keySlot(bytesOf(key)) : 0;
  }

  set(key: string, value: string, expireAtMs = NO_EXPIRY): void {
    const buffer = bytesOf(`<${key}|${value}>`);
    const end = 1 + key.length;
    const valueEnd = end + 1 + value.length;
    this.database.setString(this.slot(key), buffer, 1, end, end + 1, valueEnd, expireAtMs);
    buffer.fill(0);
  }

  get(key: string, nowMs = 0): string | null {
    const buffer = bytesOf(`<${key}>`);
    const { database } = this;
    if (!database.find(this.slot(key), buffer, 1, 1 + key.length, nowMs)) return null;
    return latin1(database.foundBytes.subarray(database.foundStart, database.foundEnd));
  }

  expire(key: string, atMs: number, nowMs = 0): boolean {
    return this.database.setExpiry(this.slot(key), bytesOf(key), 0, key.length, atMs, nowMs);
  }

  delete(key: string, nowMs = 0): boolean {
    return this.database.delete(this.slot(key), bytesOf(key), 0, key.length, nowMs);
  }

  keys(nowMs = 0): string[] {
    const keys: string[] = [];
    this.database.forEachKey(nowMs, (key) => keys.push(latin1(key)));
    return keys.sort();
  }

  /** A whole scan; `between` runs after each step. */
  scan(count: number, between: () => void = () => {}, slot = -1): string[] {
    const keys: string[] = [];
    let cursor = 0n;
    do {
      cursor = this.database.scan(cursor, count, slot, 0, (key) => keys.push(latin1(key)));
      between();
    } while (cursor !== 0n);
    return keys;
  }
}

const key = fc.oneof(
  fc.constantFrom('a', 'b', '{a}1', '{a}2', '', '\xff\x00', '__proto__', 'constructor', '12345'),
  fc.nat(60).map((n) => `key:${n}`),
);
const step = fc.oneof(
  fc.record({
    op: fc.constant('set' as const),
    key,
    value: fc.string({ maxLength: 4 }).map((s) => latin1(bytesOf(s))),
    ttl: fc.option(fc.nat(20), { nil: null }),
  }),
  fc.record({ op: fc.constant('delete' as const), key }),
  fc.record({ op: fc.constant('expire' as const), key, ttl: fc.option(fc.nat(20), { nil: null }) }),
  fc.record({ op: fc.constant('deleteSlot' as const), key }),
  fc.record({ op: fc.constant('cycle' as const), limit: fc.nat(5) }),
  fc.record({ op: fc.constant('wait' as const), ms: fc.nat(8) }),
  fc.record({ op: fc.constant('clear' as const) }),
);

describe('any sequence of changes', () => {
  for (const bySlot of [true, false]) {
    test(`leaves what a map would hold${bySlot ? ', by slot' : ''}`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
          const keyspace = memory({ bySlot });
          const handle = new Handle(keyspace.databases[0], bySlot);
          const model = new Map<string, { value: string; expireAtMs: number }>();
          let nowMs = 1000;
          const isExpired = (atMs: number): boolean => atMs !== NO_EXPIRY && nowMs > atMs;
          for (const change of steps) {
            const live = 'key' in change ? model.get(change.key) : undefined;
            const isLive = live !== undefined && !isExpired(live.expireAtMs);
            switch (change.op) {
              case 'set': {
                const expireAtMs = change.ttl === null ? NO_EXPIRY : nowMs + change.ttl;
                handle.set(change.key, change.value, expireAtMs);
                model.set(change.key, { value: change.value, expireAtMs });
                break;
              }
              case 'delete':
                expect(handle.delete(change.key, nowMs)).toBe(isLive);
                model.delete(change.key);
                break;
              case 'expire': {
                const atMs = change.ttl === null ? NO_EXPIRY : nowMs + change.ttl;
                expect(handle.expire(change.key, atMs, nowMs)).toBe(isLive);
                if (isLive) live.expireAtMs = atMs;
                else model.delete(change.key);
                break;
              }
              case 'deleteSlot': {
                const slot = handle.slot(change.key);
                handle.database.deleteSlot(slot);
                for (const name of [...model.keys()])
                  if (handle.slot(name) === slot) model.delete(name);
                break;
              }
              case 'cycle':
                expect(keyspace.expireCycle(nowMs, change.limit)).toBeLessThanOrEqual(change.limit);
                break;
              case 'wait':
                nowMs += change.ms;
                break;
              case 'clear':
                handle.database.clear();
                model.clear();
            }
          }
          for (const [name, { expireAtMs }] of [...model])
            if (isExpired(expireAtMs)) model.delete(name);
          for (const [name, { value }] of model) expect(handle.get(name, nowMs)).toBe(value);
          keyspace.expireCycle(nowMs, Number.MAX_SAFE_INTEGER);
          expect(handle.keys(nowMs)).toEqual([...model.keys()].sort());
          expect(handle.database.size).toBe(model.size);
          const expiring = [...model.values()].filter(({ expireAtMs }) => expireAtMs !== NO_EXPIRY);
          expect(handle.database.expiringCount).toBe(expiring.length);
          const slots = new Map<number, number>();
          for (const name of model.keys())
            slots.set(handle.slot(name), (slots.get(handle.slot(name)) ?? 0) + 1);
          for (const [slot, count] of slots) {
            expect(handle.database.countInSlot(slot)).toBe(count);
            expect(handle.database.keysInSlot(slot, 1000, nowMs)).toHaveLength(count);
          }
          expect([...new Set(handle.scan(3))].sort()).toEqual([...model.keys()].sort());
        }),
        { numRuns: 150 },
      );
    });
  }
});

test('keys and values are copies, also when they come in a Buffer, whose slices are views', () => {
  for (const length of [3, 300]) {
    const { database } = new Handle(memory().databases[0]);
    const input = Buffer.from(`key${'v'.repeat(length)}`);
    const slot = keySlot('key');
    database.setString(slot, input, 0, 3, 3, 3 + length, NO_EXPIRY);
    input.fill(0);
    expect(new Handle(database).get('key')).toBe('v'.repeat(length));
    expect(database.foundBytes).not.toBeInstanceOf(Buffer);
  }
});

describe('a scan', () => {
  test('meets each key that stays, once, whatever comes and goes meanwhile', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.tuple(fc.boolean(), fc.nat(300)), { maxLength: 100 }),
        (bySlot, size, count, changes) => {
          const handle = new Handle(memory({ bySlot }).databases[0], bySlot);
          const stays = Array.from({ length: size }, (_, i) => `stay:${i}`);
          for (let i = 0; i < size; i++) {
            handle.set(`{x}go:${i}`, '');
            handle.set(stays[i], '');
          }
          let next = 0;
          const seen = handle.scan(count, () => {
            for (let i = 0; i < 5 && next < changes.length; i++) {
              const [adds, n] = changes[next++];
              if (adds) handle.set(`{x}come:${n}`, '');
              else handle.delete(`{x}go:${n}`);
            }
          });
          expect(seen.filter((name) => name.startsWith('stay:')).sort()).toEqual(stays.sort());
        },
      ),
      { numRuns: 100 },
    );
  });

  test('ends while twice as many keys are added as it visits', () => {
    const handle = new Handle(memory({ bySlot: false }).databases[0], false);
    for (let i = 0; i < 100; i++) handle.set(`old:${i}`, '');
    let steps = 0;
    handle.scan(1, () => {
      expect(++steps).toBeLessThan(1000);
      handle.set(`new:${steps}a`, '');
      handle.set(`new:${steps}b`, '');
    });
  });

  test('takes any cursor, and can be kept to one slot', () => {
    const handle = new Handle(memory().databases[0]);
    handle.set('{a}1', '');
    handle.set('{a}2', '');
    handle.set('b', '');
    for (const cursor of [1n, 5n, 12345n, 2n ** 63n, 2n ** 64n - 1n]) {
      let next = cursor;
      let steps = 0;
      do {
        next = handle.database.scan(next, 10, -1, 0, () => {});
        expect(++steps).toBeLessThan(5);
      } while (next !== 0n);
    }
    expect(handle.scan(1, undefined, handle.slot('{a}1')).sort()).toEqual(['{a}1', '{a}2']);
  });
});

describe('expiry', () => {
  test('the cycle deletes what is due, soonest first, at most as many as it may', () => {
    const keyspace = memory({ databases: 3, bySlot: false });
    const handles = keyspace.databases.map((database) => new Handle(database, false));
    for (let i = 0; i < 10; i++) for (const handle of handles) handle.set(`k${i}`, '', 100 + i);
    expect(keyspace.expireCycle(104, 4)).toBe(4);
    expect(keyspace.expireCycle(104, 100)).toBe(8);
    expect(keyspace.expireCycle(104, 100)).toBe(0);
    expect(handles.map(({ database }) => database.size)).toEqual([6, 6, 6]);
    expect(keyspace.expiredCount).toBe(12);
  });

  test('a small limit starves no database', () => {
    const keyspace = memory({ databases: 2, bySlot: false });
    const handles = keyspace.databases.map((database) => new Handle(database, false));
    for (let i = 0; i < 10; i++) for (const handle of handles) handle.set(`k${i}`, '', 100);
    for (let i = 0; i < 10; i++) keyspace.expireCycle(200, 1);
    expect(handles.map(({ database }) => database.size)).toEqual([5, 5]);
  });

  test('the mean time to live', () => {
    const { database } = new Handle(memory().databases[0]);
    const handle = new Handle(database);
    expect(database.averageTtlMs(0)).toBe(0);
    handle.set('a', '', 100);
    handle.set('b', '', 200);
    handle.set('c', '');
    expect(database.averageTtlMs(50)).toBe(100);
    handle.delete('b');
    expect(database.averageTtlMs(50)).toBe(50);
    handle.set('a', '');
    expect(database.averageTtlMs(50)).toBe(0);
  });
});

test('keys that look like small numbers, in millions of forms, do not slow each other', () => {
  // They would collide in a table without a key of its own; here the longest chain stays short.
  const handle = new Handle(memory({ bySlot: false }).databases[0], false);
  for (let i = 0; i < 20_000; i++) handle.set(String(i * 65_536), '');
  expect(handle.database.size).toBe(20_000);
  for (let i = 0; i < 20_000; i += 97) expect(handle.get(String(i * 65_536))).toBe('');
});
