// The parts that every run stands on: random streams, the schedule, a node's clock.

import { SlotSet } from '@slotmesh/crc16-slots';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NodeClock, stream, UNIX_START_MS } from '../src/index.ts';
import { Schedule } from '../src/schedule.ts';
import { hashMessage, hashValue } from '../src/trace/hash-message.ts';

describe('streams', () => {
  const take = (seed: number, name: string): number[] => {
    const dice = stream(seed, name);
    return Array.from({ length: 8 }, () => dice.uint32());
  };

  test('depend on seed and name, and on nothing else', () => {
    expect(take(7, 'network')).toEqual(take(7, 'network'));
    const others = [take(8, 'network'), take(7, 'networj'), take(7 + 2 ** 32, 'network')];
    for (const other of others) expect(other).not.toEqual(take(7, 'network'));
  });

  test('give what was asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), fc.array(fc.nat(), { minLength: 1 }), (seed, list) => {
        const dice = stream(seed, 'test');
        const between = dice.between(-3, 5);
        expect(between >= -3 && between <= 5).toBe(true);
        expect(dice.shuffle(list).sort()).toEqual([...list].sort());
        expect(dice.sample(list, 2).length).toBe(Math.min(2, list.length));
        const scaled = dice.logarithmic(2, 50);
        expect(scaled >= 2 && scaled <= 50).toBe(true);
        expect(dice.exponential(10)).toBeGreaterThanOrEqual(0);
        expect(dice.chance(0)).toBe(false);
        expect(dice.chance(1)).toBe(true);
      }),
    );
  });
});

test('the schedule gives events by time, and those of one time in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), fc.nat(50), (times, taken) => {
      const schedule = new Schedule<number>();
      const expected: { time: number; event: number }[] = [];
      const check = (): void => {
        expected.sort((a, b) => a.time - b.time || a.event - b.event);
        const next = expected.shift();
        expect(schedule.nextMs).toBe(next?.time);
        expect(schedule.take()).toBe(next?.event);
        expect(schedule.nowMs).toBe(next?.time);
      };
      times.forEach((delay, event) => {
        const time = schedule.nowMs + delay;
        schedule.at(time, event);
        expected.push({ time, event });
        if (event % 7 === 6 && event < taken) check();
      });
      while (schedule.size > 0) check();
      expect(expected).toEqual([]);
    }),
  );
});

test('a clock goes at its own rate, and reads the wall at each start alone', () => {
  const clock = new NodeClock(0.9);
  clock.start(1000);
  expect(clock.read(1000)).toBe(UNIX_START_MS + 1000);
  expect(clock.read(11_000)).toBe(UNIX_START_MS + 10_000);
  expect(clock.virtual(90)).toBe(100);
  clock.wallOffsetMs = 3_600_000;
  expect(clock.read(11_000)).toBe(UNIX_START_MS + 10_000);
  clock.start(11_000);
  expect(clock.read(11_000)).toBe(UNIX_START_MS + 3_611_000);
});

test('hashes tell values apart, and not the order of their fields', () => {
  expect(hashValue({ a: 1, b: [2, 'x'] })).toBe(hashValue({ b: [2, 'x'], a: 1 }));
  const values = [
    0,
    1,
    -1,
    0.5,
    2 ** 40,
    '',
    'a',
    'b',
    true,
    false,
    null,
    [],
    [1],
    { a: 1 },
    { b: 1 },
  ];
  expect(new Set(values.map(hashValue)).size).toBe(values.length);
  const header = {
    ...{ sender: 'a'.repeat(40), currentEpoch: 1, configEpoch: 1, offset: 0, replicaOf: null },
    ...{ host: '', port: 7000, altPort: 0, busPort: 17000, flags: 1, messageFlags: 0 },
    ...{ clusterState: 'ok' as const, slots: SlotSet.of(1, 5) },
  };
  const ping = { kind: 'ping' as const, header, gossip: [], extensions: [] };
  expect(hashMessage(ping)).toBe(
    hashMessage({ ...ping, header: { ...header, slots: SlotSet.of(1, 5) } }),
  );
  expect(hashMessage(ping)).not.toBe(hashMessage({ ...ping, kind: 'pong' }));
  const later = { ...header, currentEpoch: 2 ** 33 };
  expect(hashMessage({ ...ping, header: later })).not.toBe(hashMessage(ping));
});
