// What is written is read again, whatever it is and however it is cut; and whatever is read, with a checksum that is
// right, ends in a value or in an error, soon.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  Crc64,
  dumpPayload,
  NO_EXPIRY,
  parseDumpPayload,
  RdbError,
  type RdbStreamId,
  type RdbValue,
  RdbWriter,
} from '../src/index.ts';
import { bytesOf, cut, plain, randomOf, textOf } from './support/bytes.ts';
import { HANDMADE, payloadOf } from './support/handmade.ts';
import { outcome, readFile } from './support/read.ts';
import { PAYLOADS, RDB_FILE } from './support/vectors.ts';

const text = fc.oneof(
  fc.uint8Array({ maxLength: 30 }),
  fc.integer().map((number) => bytesOf(String(number))),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((number) => bytesOf(String(number))),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 1500 }))
    .map(([piece, times]) =>
      Uint8Array.from(
        Array(times)
          .fill([...piece])
          .flat(),
      ),
    ),
);
const texts = fc.uniqueArray(text, {
  minLength: 1,
  maxLength: 20,
  selector: (bytes) => textOf(bytes),
});
const valuesOf = (count: number): fc.Arbitrary<Uint8Array[]> =>
  fc.array(text, { minLength: count, maxLength: count });
const timeMs = fc.integer({ min: 1, max: 2 ** 48 });
const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 0n, max: 9n }),
);

const string = text.map(
  (bytes): RdbValue => ({ type: 'string', bytes, start: 0, end: bytes.length }),
);
const hash = texts.chain((fields) =>
  fc
    .tuple(
      valuesOf(fields.length),
      fc.option(
        fc.array(fc.oneof(fc.constant(NO_EXPIRY), timeMs), {
          minLength: fields.length,
          maxLength: fields.length,
        }),
      ),
    )
    .map(([values, expiresAtMs]): RdbValue => ({ type: 'hash', fields, values, expiresAtMs })),
);
const sortedSet = texts.chain((members) =>
  fc
    .array(fc.double({ noNaN: true }), { minLength: members.length, maxLength: members.length })
    .map((scores): RdbValue => ({ type: 'zset', members, scores })),
);

const byId = (a: RdbStreamId, b: RdbStreamId): number => {
  if (a.ms !== b.ms) return a.ms < b.ms ? -1 : 1;
  return a.sequence < b.sequence ? -1 : 1;
};
const ids = fc
  .uniqueArray(fc.tuple(uint64, uint64), { maxLength: 30, selector: ([a, b]) => `${a}-${b}` })
  .map((pairs) => pairs.map(([ms, sequence]) => ({ ms, sequence })))
  .map((list) => list.sort(byId));
const LAST = { ms: 2n ** 64n - 1n, sequence: 2n ** 64n - 1n };

const group = fc
  .tuple(ids, texts, fc.option(uint64), fc.nat(5))
  .map(([pending, names, read, shift]) => ({
    lastId: LAST,
    entriesRead: read === 2n ** 64n - 1n ? null : read,
    pending: pending.map((id, i) => ({
      id,
      deliveredAtMs: i * 1000,
      deliveryCount: i,
      consumer: (i + shift) % names.length,
    })),
    consumers: names.map((name, i) => ({ name, seenAtMs: i, activeAtMs: i - 1 })),
  }));

const stream = ids.chain((list) =>
  fc
    .tuple(
      fc.array(fc.array(text, { minLength: 1, maxLength: 3 }), {
        minLength: list.length,
        maxLength: list.length,
      }),
      fc.tuple(uint64, uint64, uint64),
      fc.array(group, { maxLength: 2 }),
    )
    .map(
      ([fields, [a, b, entriesAdded], groups]): RdbValue => ({
        type: 'stream',
        entries: list.map((id, i) => ({
          id,
          fields: fields[i].flatMap((value, k) => [bytesOf(`field ${k}`), value]),
        })),
        lastId: LAST,
        history: {
          firstId: { ms: a, sequence: b },
          maxDeletedId: { ms: b, sequence: a },
          entriesAdded,
        },
        groups: groups.map((one, i) => ({ ...one, name: bytesOf(`group ${i}`) })),
      }),
    ),
);

const value: fc.Arbitrary<RdbValue> = fc.oneof(
  string,
  texts.map((elements): RdbValue => ({ type: 'list', elements })),
  texts.map((members): RdbValue => ({ type: 'set', members })),
  sortedSet,
  hash,
  stream,
);

it('any value comes back from a payload', () => {
  fc.assert(
    fc.property(value, fc.boolean(), (one, compression) => {
      const payload = dumpPayload(one, { version: 12, compression });
      expect(plain(parseDumpPayload(payload).value)).toEqual(plain(one));
    }),
    { numRuns: 400 },
  );
});

const entry = fc.record({
  key: text,
  value,
  expireAtMs: fc.oneof(fc.constant(NO_EXPIRY), timeMs, fc.integer({ min: -(2 ** 40), max: -2 })),
});
const entries = fc.uniqueArray(entry, { maxLength: 12, selector: ({ key }) => textOf(key) });

it('any file comes back, however it was taken and however it is cut', () => {
  fc.assert(
    fc.property(
      entries,
      fc.boolean(),
      fc.boolean(),
      fc.nat(),
      (list, compression, checksum, seed) => {
        const random = randomOf(seed);
        const writer = new RdbWriter({ version: 12, compression, checksum });
        const taken: Uint8Array[] = [];
        const lent: { bytes: Uint8Array; copy: Uint8Array }[] = [];
        const slice = (): void => {
          if (random(3) > 0) return;
          const bytes = writer.take();
          const copy = bytes.slice();
          taken.push(copy);
          lent.push({ bytes, copy });
          if (random(2) === 0) writer.recycle(lent.splice(random(lent.length), 1)[0].bytes);
        };
        writer.aux('redis-ver', '7.4.0');
        writer.selectDatabase(9);
        writer.sizes(list.length, 0);
        writer.slotInfo(1, list.length, 0);
        for (const { key, value, expireAtMs } of list) {
          slice();
          writer.entry(key, 0, key.length, value, expireAtMs);
        }
        writer.finish();
        taken.push(writer.take());
        const file = Uint8Array.from(Buffer.concat(taken));
        expect(writer.writtenBytes).toBe(file.length);
        for (const { bytes, copy } of lent) expect(bytes).toEqual(copy);

        const content = readFile(cut(file, random));
        expect(content.checksum).toBe(checksum ? 'verified' : 'disabled');
        expect(content.consumedBytes).toBe(file.length);
        expect(content.entries.size).toBe(list.length);
        for (const { key, value, expireAtMs } of list) {
          const expected = { value: plain(value), expireAtMs, idleS: null, frequency: null };
          expect(content.entries.get(`9/${textOf(key)}`)).toEqual(expected);
        }
      },
    ),
    { numRuns: 150 },
  );
});

/** What a value may take while it is attacked: damage must not cost more. */
const LIMITS = { stringBytesMax: 1 << 20, valueBytesMax: 1 << 21, elementsMax: 1 << 16 };

const BODIES = [...PAYLOADS.values(), ...HANDMADE.map(({ payload }) => payload)]
  .map((payload) => payload.slice(0, -10))
  .filter((body) => body.length < 2000);

const mutation = fc.record({
  place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  kind: fc.constantFrom('set', 'insert', 'remove', 'copy'),
  byte: fc.oneof(
    fc.nat(255),
    fc.constantFrom(0, 1, 0x3f, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xf4, 0xff),
  ),
});

function mutate(
  body: Uint8Array,
  list: readonly { place: number; kind: string; byte: number }[],
): Uint8Array {
  const bytes = [...body];
  for (const { place, kind, byte } of list) {
    const at = Math.floor(place * bytes.length);
    if (kind === 'set') bytes[at] = byte;
    else if (kind === 'insert') bytes.splice(at, 0, byte);
    else if (kind === 'remove') bytes.splice(at, 1 + (byte % 4));
    else bytes.splice(at, 0, ...bytes.slice(at, at + byte));
  }
  return Uint8Array.from(bytes);
}

/** The version that keeps exactly as much as the value has. */
function versionOf(value: RdbValue): number {
  if (value.type !== 'stream') return 12;
  if (value.history === null) return 9;
  return value.groups.some((one) => one.consumers.some((c) => c.activeAtMs !== null)) ? 11 : 10;
}

it('altered payloads with a right checksum give a value that can be written again, or an RdbError', () => {
  let values = 0;
  let errors = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...BODIES),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      (body, list) => {
        const payload = payloadOf(mutate(body, list));
        try {
          const { value } = parseDumpPayload(payload, 0, payload.length, { limits: LIMITS });
          const again = parseDumpPayload(dumpPayload(value, { version: versionOf(value) })).value;
          expect(plain(again)).toEqual(plain(value));
          values++;
        } catch (error) {
          if (!(error instanceof RdbError)) throw error;
          errors++;
        }
      },
    ),
    { numRuns: 6000 },
  );
  expect(values).toBeGreaterThan(100);
  expect(errors).toBeGreaterThan(1000);
});

it('altered files with a right checksum end alike, whole and cut', () => {
  const body = RDB_FILE.slice(0, -8);
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), fc.nat(), (list, seed) => {
      const altered = mutate(body, list);
      const file = new Uint8Array(altered.length + 8);
      file.set(altered);
      const crc = new Crc64();
      crc.update(altered);
      crc.writeTo(file, altered.length);
      const whole = outcome([file], { limits: LIMITS });
      expect(outcome(cut(file, randomOf(seed)), { limits: LIMITS })).toEqual(whole);
    }),
    { numRuns: 1000 },
  );
});
