// What a reader does with forms that 7.0.15 does not write, with damage, and with lengths that promise too much.

import { describe, expect, it } from 'vitest';
import {
  NO_EXPIRY,
  parseDumpPayload,
  RdbError,
  type RdbEvent,
  RdbReader,
  RdbUsageError,
  type RdbValue,
  RdbWriter,
} from '../src/index.ts';
import { bytesOf, concat, plain, textOf } from './support/bytes.ts';
import { payloadOf, plainString, ziplist, ziplistString } from './support/handmade.ts';
import { outcome, readFile, singly } from './support/read.ts';

const HEADER = bytesOf('REDIS0012');
const NO_CHECKSUM = new Uint8Array(8);
const END = concat([255], NO_CHECKSUM);

const fileOf = (...items: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  concat(HEADER, ...items, END);

function events(file: Uint8Array): RdbEvent[] {
  const reader = new RdbReader();
  reader.push(file);
  const found: RdbEvent[] = [];
  for (let event = reader.next(); event !== null; event = reader.next()) found.push(event);
  return found;
}

function errorOf(act: () => unknown): RdbError {
  try {
    act();
  } catch (error) {
    if (error instanceof RdbError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const readValue = (type: number, ...body: readonly (Uint8Array | readonly number[])[]): unknown =>
  plain(parseDumpPayload(payloadOf(concat([type], ...body))).value);

const codeOf = (type: number, ...body: readonly (Uint8Array | readonly number[])[]): string =>
  errorOf(() => readValue(type, ...body)).code;

const int64 = (value: bigint): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value, true);
  return bytes;
};

/** A listpack of short texts and of numbers below 128. */
function listpack(...elements: readonly (string | number)[]): Uint8Array {
  const body = elements.flatMap((element) =>
    typeof element === 'number'
      ? [element, 1]
      : [0x80 | element.length, ...bytesOf(element), element.length + 1],
  );
  return plainString(concat([7 + body.length, 0, 0, 0, elements.length, 0], body, [0xff]));
}

describe('opcodes', () => {
  it('gives what stands between the entries', () => {
    const found = events(
      fileOf(
        [250, 1, 0x61, 0xc0, 5],
        [254, 2, 251, 3, 1, 244, 0x40, 100, 3, 1],
        [245, 2, 0x68, 0x69],
        [253, 10, 0, 0, 0, 248, 0x40, 100, 249, 7, 0, 1, 0x6b, 1, 0x76],
        [0, 1, 0x6c, 0],
      ),
    );
    expect(found.map((event) => event.kind)).toEqual([
      ...['header', 'aux', 'database', 'sizes', 'slotInfo', 'functionLibrary'],
      ...['entry', 'entry', 'end'],
    ]);
    expect(found[1]).toEqual({ kind: 'aux', name: bytesOf('a'), value: bytesOf('5') });
    expect(found[4]).toEqual({ kind: 'slotInfo', slot: 100, keyCount: 3, expiringCount: 1 });
    expect(found[6]).toMatchObject({ database: 2, expireAtMs: 10_000, idleS: 100, frequency: 7 });
    expect(found[7]).toMatchObject({ expireAtMs: NO_EXPIRY, idleS: null, frequency: null });
    expect(found[8]).toEqual({ kind: 'end', checksum: 'disabled' });
  });

  it('keeps what modules have, without knowing them', () => {
    const name = 0x123456789abcd400n;
    const id = concat([0x81], int64(name).reverse());
    const parts = concat(
      [1, 5, 2, 0x40, 200, 3, 0, 0, 0, 0, 4],
      NO_CHECKSUM,
      [5, 2, 0x68, 0x69, 0],
    );
    const file = fileOf([247], id, [2, 2], parts, [7, 1, 0x6b], id, parts);
    const found = events(file);
    expect(found[1]).toMatchObject({ kind: 'moduleAux', when: 2, bytes: parts, id: name });
    const { value } = found[2] as { value: RdbValue & { type: 'module' } };
    expect(value).toMatchObject({ type: 'module', id: name, encodingVersion: 0 });
    expect(value.name).toHaveLength(9);
    expect(textOf(value.bytes, value.start, value.end)).toBe(textOf(parts));
    expect(outcome(singly(file))).toEqual(outcome([file]));

    const writer = new RdbWriter({ checksum: false, version: 12 });
    writer.entry(bytesOf('k'), 0, 1, value);
    writer.finish();
    expect(writer.take()).toEqual(fileOf([7, 1, 0x6b], id, parts));
    expect(outcome([fileOf([7, 1, 0x6b], id, [6, 0])])).toBe('UNKNOWN_OPCODE');
  });

  it('names the byte and the place of what it does not know', () => {
    const error = errorOf(() => events(fileOf([0, 1, 0x6b, 1, 0x76, 200])));
    expect(error).toMatchObject({ code: 'UNKNOWN_OPCODE', offset: 14 });
    expect(error.message).toBe('no opcode and no type is 200 (at byte 14)');
    for (const byte of [6, 22, 23, 246]) {
      expect(outcome([fileOf([byte, 1, 0x6b])]), `${byte}`).toBe('UNSUPPORTED_TYPE');
    }
    for (const byte of [8, 26, 100, 243]) {
      expect(outcome([fileOf([byte, 1, 0x6b])]), `${byte}`).toBe('UNKNOWN_OPCODE');
    }
    expect(codeOf(8)).toBe('UNKNOWN_OPCODE');
    expect(codeOf(6)).toBe('UNSUPPORTED_TYPE');
    expect(codeOf(251)).toBe('UNKNOWN_OPCODE');
  });

  it('refuses slots and databases that cannot be', () => {
    expect(outcome([fileOf([244, 0x80, 0, 0, 0x40, 0, 0, 0])])).toBe('BAD_LENGTH');
    expect(outcome([fileOf([254, 0x80, 0x80, 0, 0, 0])])).toBe('BAD_LENGTH');
  });
});

describe('the frame', () => {
  it('refuses what is no file, and versions that it does not know', () => {
    expect(outcome([bytesOf('REDIS00xx')])).toBe('BAD_MAGIC');
    expect(outcome([bytesOf('redis0010')])).toBe('BAD_MAGIC');
    expect(outcome([bytesOf('REDIS0013')])).toBe('UNSUPPORTED_VERSION');
    expect(outcome([bytesOf('REDIS0000')])).toBe('UNSUPPORTED_VERSION');
    expect(outcome([bytesOf('VALKEY080')])).toBe('UNSUPPORTED_VERSION');
  });

  it('reads versions before 5 without a checksum', () => {
    const file = concat(bytesOf('REDIS0004'), [254, 0, 0, 1, 0x6b, 1, 0x76, 255]);
    const content = readFile([concat(file, bytesOf('more'))]);
    expect(content).toMatchObject({ version: 4, checksum: 'absent', consumedBytes: file.length });
    expect(content.entries.size).toBe(1);
  });

  it('leaves what follows the file to the caller', () => {
    const file = fileOf([0, 1, 0x6b, 1, 0x76]);
    for (const pieces of [
      [concat(file, bytesOf('*1\r\n'))],
      [...singly(file), bytesOf('*1\r\n')],
      [file.subarray(0, 12), concat(file.subarray(12), bytesOf('*1')), bytesOf('\r\n')],
    ]) {
      const reader = new RdbReader();
      for (const piece of pieces) {
        reader.push(piece);
        while (reader.next() !== null) {}
      }
      expect(reader.isDone).toBe(true);
      expect(reader.consumedBytes).toBe(file.length);
      expect(textOf(reader.rest())).toBe('*1\r\n');
      reader.end();
    }
  });

  it('throws the same error for ever', () => {
    const reader = new RdbReader();
    reader.push(fileOf([200]));
    expect(reader.next()).toMatchObject({ kind: 'header' });
    const first = errorOf(() => reader.next());
    reader.push(END);
    expect(errorOf(() => reader.next())).toBe(first);
    expect(errorOf(() => reader.end())).toBe(first);
  });

  it('says where an input ended too early', () => {
    const reader = new RdbReader();
    const file = fileOf([0, 1, 0x6b, 1, 0x76]);
    for (const piece of singly(file.subarray(0, 12))) {
      reader.push(piece);
      reader.next();
    }
    expect(errorOf(() => reader.end())).toMatchObject({ code: 'TRUNCATED', offset: 12 });
  });
});

describe('values', () => {
  it('reads hashes whose fields expire', () => {
    const soonest = int64(5000n);
    expect(
      readValue(24, soonest, [3, 0, 1, 0x61, 1, 0x62, 1, 1, 0x63, 0, 0x40, 101, 1, 0x64, 0]),
    ).toEqual({ hash: ['a = b', 'c =  @5000', 'd =  @5100'] });
    expect(readValue(25, soonest, listpack('a', 'b', 0, 'c', 'd', '5000'))).toEqual({
      hash: ['a = b', 'c = d @5000'],
    });
    expect(codeOf(25, soonest, listpack('a', 'b', 'c'))).toBe('BAD_VALUE');
    expect(codeOf(25, soonest, listpack('a', 'b'))).toBe('BAD_VALUE');
  });

  it('reads sets as listpacks', () => {
    expect(readValue(20, listpack('a', 1, 'b'))).toEqual({ set: ['1', 'a', 'b'] });
  });

  it('refuses what stands in a value twice', () => {
    expect(codeOf(2, [2, 1, 0x61, 1, 0x61])).toBe('DUPLICATE');
    expect(codeOf(4, [2, 1, 0x61, 0, 1, 0x61, 0])).toBe('DUPLICATE');
    expect(codeOf(20, listpack('7', 'x', 7))).toBe('DUPLICATE');
    expect(codeOf(17, listpack('a', 1, 'a', 2))).toBe('DUPLICATE');
    expect(codeOf(16, listpack('a', 1, 'a', 2))).toBe('DUPLICATE');
  });

  it('refuses packed values that contradict themselves', () => {
    const pack = concat([9, 0, 0, 0, 1, 0, 5, 1, 0xff]);
    expect(readValue(20, plainString(pack))).toEqual({ set: ['5'] });
    for (let at = 0; at < pack.length; at++) {
      if (at === 6) continue; // another element is another value
      for (let bit = 0; bit < 8; bit++) {
        const damaged = pack.slice();
        damaged[at] ^= 1 << bit;
        expect(codeOf(20, plainString(damaged)), `byte ${at}, bit ${bit}`).toBe('BAD_VALUE');
      }
    }
    const zip = ziplist([ziplistString('a'), [0xf2], ziplistString('b')]);
    for (let at = 0; at < zip.length; at++) {
      const damaged = zip.slice();
      damaged[at] ^= 0x40;
      const isPayload = at === 12 || at === 17;
      if (!isPayload) expect(codeOf(10, plainString(damaged)), `byte ${at}`).toBe('BAD_VALUE');
    }
    expect(codeOf(11, plainString(concat([2, 0, 0, 0, 2, 0, 0, 0, 5, 0, 4, 0])))).toBe('BAD_VALUE');
    expect(codeOf(11, plainString(concat([2, 0, 0, 0, 2, 0, 0, 0, 5, 0, 5, 0])))).toBe('BAD_VALUE');
    expect(codeOf(11, plainString(concat([3, 0, 0, 0, 0, 0, 0, 0])))).toBe('BAD_VALUE');
    expect(codeOf(11, plainString(concat([8, 0, 0, 0, 255, 255, 255, 255])))).toBe('BAD_VALUE');
    expect(codeOf(18, [1, 3], listpack('a'))).toBe('BAD_VALUE');
    expect(codeOf(16, listpack('a'))).toBe('BAD_VALUE');
    expect(codeOf(17, listpack('a', 'nan'))).toBe('BAD_VALUE');
    expect(codeOf(3, [1, 1, 0x61, 253])).toBe('BAD_VALUE');
    expect(codeOf(9, plainString(concat([1, 3], bytesOf('foo'), [255])))).toBe('BAD_VALUE');
  });

  it('skips empty collections in files, as the server does, and refuses them in payloads', () => {
    const reader = new RdbReader();
    reader.push(fileOf([2, 1, 0x6b, 0], [4, 1, 0x6c, 1, 1, 0x61, 0]));
    const kinds: string[] = [];
    for (let event = reader.next(); event !== null; event = reader.next()) kinds.push(event.kind);
    expect(kinds).toEqual(['header', 'entry', 'end']);
    expect(reader.emptyKeysSkipped).toBe(1);
    for (const type of [1, 2, 3, 4, 5, 14, 18]) expect(codeOf(type, [0])).toBe('EMPTY_VALUE');
  });

  it('refuses payloads that go on, that are newer, or that are too short', () => {
    expect(codeOf(0, [1, 0x61, 0])).toBe('TRAILING_BYTES');
    expect(errorOf(() => parseDumpPayload(new Uint8Array(9))).code).toBe('NO_PAYLOAD');
    const newer = payloadOf(Uint8Array.of(0, 1, 0x61), 11);
    expect(errorOf(() => parseDumpPayload(newer, 0, newer.length, { versionMax: 10 })).code).toBe(
      'UNSUPPORTED_VERSION',
    );
    expect(plain(parseDumpPayload(newer).value)).toBe('a');
  });

  it('tells the key of a damaged value', () => {
    const error = errorOf(() => events(fileOf([20, 3, 0x6b, 0x65, 0x79, 1, 0])));
    expect(error.key).toEqual(bytesOf('key'));
    expect(error).toMatchObject({ code: 'BAD_VALUE', offset: 14 });
    expect(error.message).toContain('key "key"');

    const tooLarge = fileOf([2, 3, 0x6b, 0x65, 0x79, 0x81], new Uint8Array(8).fill(255));
    for (const pieces of [[tooLarge], singly(tooLarge)]) {
      expect(errorOf(() => readFile(pieces))).toMatchObject({
        code: 'TOO_LARGE',
        key: bytesOf('key'),
      });
    }
    const badKey = errorOf(() => events(fileOf([2, 0x82])));
    expect(badKey).toMatchObject({ code: 'BAD_LENGTH', key: null });
    const unknown = errorOf(() => events(fileOf([100, 3, 0x6b, 0x65, 0x79])));
    expect(unknown).toMatchObject({ code: 'UNKNOWN_OPCODE', offset: 9 });
  });
});

describe('lengths that promise too much', () => {
  const huge = [0x81, 0, 0, 0, 1, 0, 0, 0, 0];

  it('are refused where no value is so large', () => {
    expect(outcome([fileOf([0, 1, 0x6b], huge)])).toBe('TOO_LARGE');
    expect(outcome([fileOf([2, 1, 0x6b], huge)])).toBe('TOO_LARGE');
    expect(outcome([fileOf([2, 1, 0x6b, 0x81], new Uint8Array(8).fill(255))])).toBe('TOO_LARGE');
    expect(codeOf(2, huge)).toBe('TOO_LARGE');
    expect(codeOf(0, huge)).toBe('TOO_LARGE');
    expect(outcome([fileOf([0, 1, 0x6b, 0x82])])).toBe('BAD_LENGTH');
    expect(outcome([fileOf([2, 1, 0x6b, 0xc0])])).toBe('BAD_LENGTH');
    expect(outcome([fileOf([0, 1, 0x6b, 0xc4])])).toBe('BAD_LENGTH');
  });

  it('cost no memory before their bytes are there', () => {
    const reader = new RdbReader();
    reader.push(concat(HEADER, [0, 1, 0x6b, 0x80, 0x1f, 0xff, 0xff, 0xff]));
    const before = process.memoryUsage().arrayBuffers;
    while (reader.next() !== null) {}
    reader.push(new Uint8Array(100_000));
    while (reader.next() !== null) {}
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });

  it('are refused in compressed strings that cannot unpack to so much', () => {
    const bomb = [0xc3, 4, 0x80, 0x10, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
    expect(outcome([fileOf([0, 1, 0x6b], bomb)])).toBe('BAD_STRING');
    expect(codeOf(0, bomb)).toBe('BAD_STRING');
    expect(codeOf(0, [0xc3, 0, 0])).toBe('BAD_STRING');
  });

  it('hold for what many compressed strings unpack to together', () => {
    const packed = [0, 0x61, 0xe0, 255, 0];
    const string = [0xc3, packed.length, 0x41, 0x09, ...packed];
    const list = concat([100], ...Array.from({ length: 100 }, () => string));
    const payload = payloadOf(concat([1, 0x40], list));
    const limits = { valueBytesMax: 10_000 };
    expect(errorOf(() => parseDumpPayload(payload, 0, payload.length, { limits })).code).toBe(
      'TOO_LARGE',
    );
    expect(plain(parseDumpPayload(payload).value)).toEqual({
      list: Array.from({ length: 100 }, () => 'a'.repeat(265)),
    });
  });
});

describe('the writer', () => {
  const usage = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      if (error instanceof RdbUsageError) return error.code;
      throw error;
    }
    return 'nothing was thrown';
  };
  const key = bytesOf('k');

  it('refuses what the format or the version cannot express, and writes nothing of it', () => {
    expect(usage(() => new RdbWriter({ version: 8 }))).toBe('UNSUPPORTED_VERSION');
    expect(usage(() => new RdbWriter({ version: 13 }))).toBe('UNSUPPORTED_VERSION');
    const writer = new RdbWriter({ version: 9 });
    const { length } = writer;
    expect(usage(() => writer.functionLibrary(key))).toBe('NEEDS_NEWER_VERSION');
    expect(usage(() => writer.slotInfo(1, 1, 1))).toBe('NEEDS_NEWER_VERSION');
    const hash: RdbValue = { type: 'hash', fields: [key], values: [key], expiresAtMs: [5] };
    expect(usage(() => writer.entry(key, 0, 1, hash))).toBe('NEEDS_NEWER_VERSION');
    expect(usage(() => writer.entry(key, 0, 1, { ...hash, values: [] }))).toBe(
      'INCONSISTENT_VALUE',
    );
    expect(usage(() => writer.entry(key, 0, 1, { type: 'set', members: [] }))).toBe('EMPTY_VALUE');
    const stream: RdbValue = {
      type: 'stream',
      entries: [{ id: { ms: 1n, sequence: 1n }, fields: [key] }],
      lastId: { ms: 1n, sequence: 1n },
      history: null,
      groups: [],
    };
    expect(usage(() => writer.entry(key, 0, 1, stream))).toBe('INCONSISTENT_VALUE');
    expect(writer.length).toBe(length);
    writer.finish();
    expect(usage(() => writer.finish())).toBe('FINISHED');
    expect(usage(() => writer.stringEntry(key, 0, 1, key, 0, 1))).toBe('FINISHED');
  });

  it('writes expiries to the ends of their range', () => {
    const writer = new RdbWriter();
    const times = [0, 1, -2, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53)];
    for (const [i, time] of times.entries()) {
      writer.stringEntry(bytesOf(`k${i}`), 0, 2, key, 0, 1, time);
    }
    writer.stringEntry(bytesOf('far'), 0, 3, key, 0, 1, 2 ** 64);
    writer.finish();
    const { entries } = readFile([writer.take()]);
    for (const [i, expireAtMs] of times.entries()) {
      expect(entries.get(`0/k${i}`)).toMatchObject({ expireAtMs });
    }
    expect(entries.get('0/far')).toMatchObject({ expireAtMs: 2 ** 63 });
  });

  it('writes the eviction data of the entry that follows', () => {
    const writer = new RdbWriter();
    writer.idle(100);
    writer.stringEntry(key, 0, 1, key, 0, 1);
    writer.frequency(255);
    writer.stringEntry(bytesOf('l'), 0, 1, key, 0, 1);
    writer.finish();
    const { entries } = readFile([writer.take()]);
    expect(entries.get('0/k')).toMatchObject({ idleS: 100, frequency: null });
    expect(entries.get('0/l')).toMatchObject({ idleS: null, frequency: 255 });
  });
});
