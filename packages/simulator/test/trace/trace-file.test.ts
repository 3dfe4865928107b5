import { Encoder } from '@msgpack/msgpack';
import { SlotSet } from '@slotmesh/crc16-slots';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TraceError } from '../../src/trace/errors.ts';
import { TraceReader } from '../../src/trace/trace-reader.ts';
import type { TraceRecord } from '../../src/trace/trace-sink.ts';
import { TraceWriter } from '../../src/trace/trace-writer.ts';
import { EFFECTS, INPUTS, MESSAGES, RECORDS } from './support/samples.ts';

const OPTIONS = { seed: 2 ** 53 - 1, faults: [{ name: 'partition', everyMs: 0.5 }], masked: [] };
const HASH = '0123456789abcdef';

function written(records: readonly TraceRecord[], isEnded = true): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new TraceWriter({ options: OPTIONS, write: (bytes) => chunks.push(bytes) });
  for (const record of records) writer.record(record);
  if (isEnded) writer.end(HASH);
  else writer.flush();
  return joined(chunks);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}

/** Sets of slots by what they hold: equal ones may remember different things. */
function plain(value: unknown): unknown {
  if (value instanceof SlotSet) return `slots ${value}`;
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}

interface Read {
  readonly records: TraceRecord[];
  readonly error: TraceError | null;
}

/** What can be read, and what ended the reading. Anything but a TraceError is a bug. */
function read(bytes: Uint8Array): Read {
  const records: TraceRecord[] = [];
  try {
    const reader = new TraceReader(bytes);
    for (const record of reader.records()) records.push(record);
    return { records, error: null };
  } catch (error) {
    if (error instanceof TraceError) return { records, error };
    throw error;
  }
}

describe('a trace', () => {
  it('comes back as it was written', () => {
    const reader = new TraceReader(written(RECORDS));
    expect(reader.options).toEqual(OPTIONS);
    expect(reader.end).toBeNull();
    const records = [...reader.records()];
    expect(plain(records)).toEqual(plain(RECORDS));
    expect(reader.end).toEqual({ records: RECORDS.length, hash: HASH });
  });

  it('comes back whatever is in it', () => {
    const time = fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => value + 0);
    const base = { atMs: time, node: fc.integer({ min: -1, max: 5000 }) };
    const nowMs = fc.maxSafeNat();
    const text = fc.string({ unit: 'grapheme', maxLength: 80 });
    const record: fc.Arbitrary<TraceRecord> = fc.oneof(
      fc.record({
        ...base,
        nowMs,
        kind: fc.constant('input' as const),
        input: fc.constantFrom(...INPUTS),
      }),
      fc.record({
        ...base,
        kind: fc.constant('effect' as const),
        effect: fc.constantFrom(...EFFECTS),
      }),
      fc.record({ ...base, kind: fc.constant('environment' as const), what: text, detail: text }),
      fc.record({ ...base, kind: fc.constant('stop' as const), why: text }),
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 30 }), (records) => {
        const result = read(written(records));
        expect(result.error).toBeNull();
        expect(plain(result.records)).toEqual(plain(records));
      }),
      { numRuns: 150 },
    );
  });

  it('tells each id, shape and set of slots once', () => {
    const once = written(RECORDS).length;
    const twice = written([...RECORDS, ...RECORDS]).length;
    expect(twice - once).toBeLessThan(once * 0.8);
    const one = written([{ kind: 'effect', atMs: 1, node: 1, effect: EFFECTS[1] }], false).length;
    const two = written(
      [1, 1].map((atMs) => ({ kind: 'effect', atMs, node: 1, effect: EFFECTS[1] })),
      false,
    ).length;
    // A ping with one entry and eleven extensions.
    expect(two - one).toBeLessThan(300);
  });

  it('is handed over in pieces that are the taker’s own', () => {
    const chunks: Uint8Array[] = [];
    const writer = new TraceWriter({ options: OPTIONS, write: (bytes) => chunks.push(bytes) });
    const detail = 'x'.repeat(1000);
    const records = Array.from({ length: 300 }, (_, i): TraceRecord => {
      return { kind: 'environment', atMs: i, node: -1, what: 'w', detail };
    });
    records.push({
      kind: 'environment',
      atMs: 999,
      node: -1,
      what: 'long',
      detail: 'y'.repeat(200_000),
    });
    for (const record of records) writer.record(record);
    writer.end(HASH);
    expect(chunks.length).toBeGreaterThan(3);
    expect(read(joined(chunks)).records).toEqual(records);
  });

  it('takes no record after its end', () => {
    const writer = new TraceWriter({ options: null, write: () => undefined });
    writer.end(HASH);
    expect(() => writer.record(RECORDS[0])).toThrow('after the end');
    expect(() => writer.end(HASH)).toThrow('ends once');
  });
});

describe('a file that is not a whole trace', () => {
  const small = RECORDS.filter(({ kind }) => kind !== 'input' && kind !== 'effect').concat([
    {
      kind: 'effect',
      atMs: 1,
      node: 1,
      effect: { kind: 'send', link: 2 as never, message: MESSAGES[9] },
    },
  ]);
  const whole = written(small);

  it('gives what is whole, and says that it is cut, wherever it ends', () => {
    const counts: number[] = [];
    for (let length = 0; length < whole.length; length++) {
      const { records, error } = read(whole.subarray(0, length));
      expect(error?.code).toBe('TRUNCATED');
      expect(plain(records)).toEqual(plain(small.slice(0, records.length)));
      counts.push(records.length);
    }
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-1)).toBe(small.length);
  });

  it('is cut where its run was cut off', () => {
    const { records, error } = read(written(small, false));
    expect(records).toHaveLength(small.length);
    expect(error?.code).toBe('TRUNCATED');
  });

  it('is told from a trace by its first bytes', () => {
    for (const text of ['{"seed": 1}', 'slotmesh-trace', '\x80', 'vars currentEpoch 0']) {
      expect(read(new TextEncoder().encode(text)).error?.code).toBe('NOT_A_TRACE');
    }
  });

  it('is told from a later format', () => {
    const encoder = new Encoder();
    const later = joined([encoder.encode('slotmesh-trace'), encoder.encode([2, {}])]);
    expect(read(later).error).toMatchObject({
      code: 'VERSION',
      message: expect.stringContaining('2'),
    });
  });

  it.each([
    ['an item that is no list', 7],
    ['an item of no known kind', [9]],
    ['a text that is none', [0, 5]],
    ['slots that are none', [1, '99999']],
    ['a text that was not told', [3, [-1]]],
    ['an object of a shape that was not told', [3, [1, 5]]],
    ['a record that is none', [3, [0]]],
    ['an end that counts other records', [4, 1, HASH]],
  ])('is refused with %s', (_, item) => {
    const bytes = joined([written([], false), new Encoder().encode(item)]);
    expect(read(bytes).error?.code).toBe('CORRUPT');
  });

  it('is refused where it goes on after its end', () => {
    expect(read(joined([whole, Uint8Array.of(0)])).error?.code).toBe('CORRUPT');
  });

  it('never gives anything but records and a TraceError, whatever is altered', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const altered = whole.slice();
        altered[at] ^= flip;
        for (const record of read(altered).records)
          expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
      }),
      { numRuns: 2000 },
    );
  });
});
