// The stream decoder: the same messages wherever the stream is cut, bounded memory, and the right
// fate of a bad frame.

import { SlotSet } from '@slotmesh/crc16-slots';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  BusDecodeError,
  BusDecoder,
  type BusMessage,
  DEFAULT_BUS_LIMITS,
  encodeBusMessage,
} from '../src/index.ts';
import { bareHeader, prefix } from './frames.ts';
import { plain } from './plain.ts';
import { messageOf, vectors } from './vectors.ts';

const stream = Buffer.concat(vectors.map(({ bytes }) => bytes));
const expected = vectors.map(({ fields }) => plain(messageOf(fields)));

function drain(decoder: BusDecoder): BusMessage[] {
  const messages: BusMessage[] = [];
  for (let next = decoder.next(); next !== undefined; next = decoder.next()) messages.push(next);
  return messages;
}

/** The error that the next call throws. */
function nextError(decoder: BusDecoder): BusDecodeError {
  try {
    decoder.next();
  } catch (error) {
    if (error instanceof BusDecodeError) return error;
    throw error;
  }
  throw new Error('next() threw nothing');
}

/** Feeds `bytes` in chunks of the sizes that `size` gives. */
function feed(bytes: Uint8Array, size: () => number): BusMessage[] {
  const decoder = new BusDecoder();
  const messages: BusMessage[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + size();
    // A copy that is overwritten afterwards: the decoder must not hold on to the chunk.
    const chunk = Uint8Array.from(bytes.subarray(at, end));
    decoder.push(chunk);
    messages.push(...drain(decoder));
    chunk.fill(0xff);
    at = end;
  }
  expect(decoder.heldBytes).toBe(0);
  return messages;
}

describe('a stream of captured messages', () => {
  it('decodes whole', () => {
    expect(feed(stream, () => stream.length).map(plain)).toEqual(expected);
  });

  it('decodes byte by byte', () => {
    expect(feed(stream, () => 1).map(plain)).toEqual(expected);
  });

  it.each([2, 3, 7, 15, 16, 17, 1000, 2255, 2256, 4096, 65536])(
    'decodes in chunks of %i',
    (size) => {
      expect(feed(stream, () => size).map(plain)).toEqual(expected);
    },
  );

  it('decodes cut at random', () => {
    let seed = 7;
    const random = (): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return seed >>> 16;
    };
    for (let round = 0; round < 50; round++) {
      const max = 1 + (random() % 5000);
      expect(feed(stream, () => 1 + (random() % max)).map(plain)).toEqual(expected);
    }
  });

  it('decodes each message cut at each of its first 64 bytes, with its neighbours', () => {
    const pong = vectors.find(({ fields }) => fields.type === 'pong');
    const light = vectors.find(({ fields }) => fields.light);
    if (pong === undefined || light === undefined) throw new Error('vectors miss a type');
    const bytes = Buffer.concat([light.bytes, pong.bytes, light.bytes]);
    for (let cut = 1; cut < light.bytes.length + 64; cut++) {
      const sizes = [cut, bytes.length];
      const messages = feed(bytes, () => sizes.shift() ?? 1);
      expect(messages.map(({ kind }) => kind)).toEqual([
        messageOf(light.fields).kind,
        'pong',
        messageOf(light.fields).kind,
      ]);
    }
  });

  it('takes chunks that are pushed before the one in front was read', () => {
    const decoder = new BusDecoder();
    for (let at = 0; at < stream.length; at += 1500) decoder.push(stream.subarray(at, at + 1500));
    expect(drain(decoder).map(plain)).toEqual(expected);
    decoder.push(new Uint8Array(0));
    expect(decoder.next()).toBeUndefined();
  });
});

describe('the slots of a stream', () => {
  const ping = (slots: SlotSet): Uint8Array =>
    encodeBusMessage({ kind: 'manualFailoverStart', header: { ...bareHeader, slots } });

  it('are one object as long as they do not change', () => {
    const a = SlotSet.parse('0-5460');
    const b = SlotSet.parse('0-5459 16383');
    const decoder = new BusDecoder();
    for (const slots of [a, a, b, b, SlotSet.EMPTY, SlotSet.EMPTY, a]) decoder.push(ping(slots));
    const seen = drain(decoder).map(({ header }) => header?.slots);
    expect(seen.map(String)).toEqual([a, a, b, b, '', '', a].map(String));
    expect(seen[1]).toBe(seen[0]);
    expect(seen[2]).not.toBe(seen[1]);
    expect(seen[3]).toBe(seen[2]);
    expect(seen[4]).toBe(SlotSet.EMPTY);
    expect(seen[5]).toBe(SlotSet.EMPTY);
  });

  it('differ where a single slot does', () => {
    for (const slot of [0, 1, 31, 32, 127, 128, 5000, 16351, 16383]) {
      const decoder = new BusDecoder();
      decoder.push(ping(SlotSet.ALL));
      decoder.push(ping(SlotSet.ALL.without(slot)));
      const [all, rest] = drain(decoder).map(({ header }) => header?.slots);
      expect(all?.has(slot)).toBe(true);
      expect(rest?.has(slot)).toBe(false);
    }
  });
});

describe('a frame that is refused', () => {
  const good = vectors[0].bytes;
  const dropped: [string, Uint8Array, string][] = [
    ['another version', prefix({ version: 2, length: 5000 }), 'BUS_BAD_VERSION'],
    ['FAIL with a byte too many', prefix({ type: 3, length: 2297 }), 'BUS_WRONG_LENGTH'],
    ['PING without room for its gossip', prefix({ count: 3, length: 2300 }), 'BUS_WRONG_LENGTH'],
    ['a light PING', prefix({ type: 0x8000, length: 2256 }), 'BUS_LIGHT_NOT_ALLOWED'],
    ['a PING of zeros', prefix({ length: 2256 }), 'BUS_BAD_ID'],
  ];

  it.each(dropped)('%s: the link goes on behind it', (_name, start, code) => {
    const length = new DataView(start.buffer).getUint32(4);
    const frame = new Uint8Array(length);
    frame.set(start);
    const bytes = Buffer.concat([good, frame, good]);
    for (const size of [1, 5, 16, 100, 2256, 4000, bytes.length]) {
      const decoder = new BusDecoder();
      const events: string[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        decoder.push(bytes.subarray(at, at + size));
        for (let more = true; more; ) {
          try {
            const message = decoder.next();
            more = message !== undefined;
            if (message !== undefined) events.push(message.kind);
          } catch (error) {
            if (!(error instanceof BusDecodeError)) throw error;
            expect(error.closesLink).toBe(false);
            events.push(error.code);
          }
        }
      }
      expect(events).toEqual(['meet', code, 'meet']);
    }
  });

  it('is skipped without being kept, if its first 16 bytes condemn it', () => {
    const decoder = new BusDecoder();
    decoder.push(prefix({ version: 2, length: 1_000_000 }));
    expect(nextError(decoder).code).toBe('BUS_BAD_VERSION');
    decoder.push(new Uint8Array(500_000));
    expect(decoder.next()).toBeUndefined();
    expect(decoder.heldBytes).toBe(0);
    decoder.push(new Uint8Array(1_000_000 - 16 - 500_000));
    decoder.push(good);
    expect(drain(decoder)).toHaveLength(1);
  });

  const closing: [string, Uint8Array, string][] = [
    ['no signature', new TextEncoder().encode('GET / HTTP/1.1\r\n'), 'BUS_BAD_SIGNATURE'],
    ['length 0', prefix({ length: 0 }), 'BUS_BAD_LENGTH'],
    ['a byte less than the header', prefix({ length: 2255 }), 'BUS_BAD_LENGTH'],
    ['a light one with 15 bytes', prefix({ type: 0x8004, length: 15 }), 'BUS_BAD_LENGTH'],
    ['a PING of 4 GiB', prefix({ count: 0xffff, length: 0xffff_ffff }), 'BUS_TOO_LONG'],
    ['a PUBLISH of 4 GiB', prefix({ type: 4, length: 0xffff_ffff }), 'BUS_TOO_LONG'],
    ['an unknown type of 4 GiB', prefix({ type: 999, length: 0xffff_ffff }), 'BUS_TOO_LONG'],
  ];

  it.each(closing)('%s: the link is to be closed', (_name, start, code) => {
    for (const size of [1, 16]) {
      const decoder = new BusDecoder();
      decoder.push(good);
      for (let at = 0; at < 16; at += size) decoder.push(start.subarray(at, at + size));
      expect(decoder.next()?.kind).toBe('meet');
      const error = nextError(decoder);
      expect(error).toMatchObject({ code, closesLink: true });
      // The stream has ended: nothing that follows is read.
      decoder.push(good);
      expect(nextError(decoder)).toBe(error);
      expect(decoder.heldBytes).toBe(0);
    }
  });
});

describe('memory', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const claims: [string, Uint8Array][] = [
    ['PING', prefix({ count: 0xffff, length: 2256 + 104 * 0xffff + 1024 * 1024 })],
    ['PUBLISH', prefix({ type: 4, length: 512 * 1024 * 1024 })],
    ['light PUBLISHSHARD', prefix({ type: 0x800a, length: 512 * 1024 * 1024 })],
    ['MODULE', prefix({ type: 9, length: 64 * 1024 * 1024 })],
    ['unknown type', prefix({ type: 77, length: 1024 * 1024 })],
  ];

  it.each(claims)('a %s that claims the maximum gets memory for what arrives', (_name, start) => {
    const decoder = new BusDecoder();
    decoder.push(start);
    expect(decoder.next()).toBeUndefined();
    expect(decoder.heldBytes).toBeLessThanOrEqual(4096);
    const piece = new Uint8Array(10_000);
    for (let arrived = 16 + piece.length; arrived < 500_000; arrived += piece.length) {
      decoder.push(piece);
      expect(decoder.next()).toBeUndefined();
      expect(decoder.heldBytes).toBeGreaterThanOrEqual(arrived);
      expect(decoder.heldBytes).toBeLessThanOrEqual(2 * arrived);
    }
  });

  it.each(claims)('a %s with one byte more than the maximum closes the link', (name, start) => {
    const view = new DataView(start.slice().buffer);
    const max = {
      PING: 2256 + 104 * 0xffff + DEFAULT_BUS_LIMITS.extensionBytesMax,
      PUBLISH: 2256 + 8 + DEFAULT_BUS_LIMITS.publishBytesMax,
      'light PUBLISHSHARD': 16 + 8 + DEFAULT_BUS_LIMITS.publishBytesMax,
      MODULE: 2256 + 13 + DEFAULT_BUS_LIMITS.modulePayloadBytesMax,
      'unknown type': DEFAULT_BUS_LIMITS.otherFrameBytesMax,
    }[name];
    if (max === undefined) throw new Error(`no maximum for ${name}`);
    view.setUint32(4, max + 1);
    const decoder = new BusDecoder();
    decoder.push(new Uint8Array(view.buffer));
    expect(nextError(decoder).code).toBe('BUS_TOO_LONG');
  });

  it('never exceeds the frame', () => {
    const frame = encodeBusMessage({
      kind: 'publish',
      header: null,
      channel: new Uint8Array(3),
      message: new Uint8Array(100_000).map((_, i) => i),
    });
    const decoder = new BusDecoder();
    for (let at = 0; at < frame.length; at += 999) {
      decoder.push(frame.subarray(at, at + 999));
      const message = decoder.next();
      expect(decoder.heldBytes).toBeLessThanOrEqual(frame.length);
      if (message !== undefined) expect(encodeBusMessage(message)).toEqual(frame);
      expect(message !== undefined).toBe(at + 999 >= frame.length);
    }
  });

  it('that cannot be had is a typed error', () => {
    const decoder = new BusDecoder();
    const start = prefix({ type: 4, length: 100_000 });
    vi.stubGlobal(
      'Uint8Array',
      class {
        constructor() {
          throw new RangeError('Array buffer allocation failed');
        }
      },
    );
    decoder.push(start);
    const error = nextError(decoder);
    expect(error).toMatchObject({ code: 'BUS_OUT_OF_MEMORY', closesLink: true });
  });

  it('is bounded by the limits that the caller sets', () => {
    const limits = {
      gossipEntriesMax: 10,
      extensionBytesMax: 64,
      publishBytesMax: 100,
      modulePayloadBytesMax: 100,
      otherFrameBytesMax: 4352,
    };
    const codeOf = (start: Uint8Array): string | undefined => {
      const decoder = new BusDecoder(limits);
      decoder.push(start);
      try {
        decoder.next();
        return undefined;
      } catch (error) {
        return (error as BusDecodeError).code;
      }
    };
    expect(codeOf(prefix({ count: 10, length: 2256 + 1040 + 64 }))).toBeUndefined();
    expect(codeOf(prefix({ count: 11, length: 2256 + 1144 }))).toBe('BUS_TOO_LONG');
    expect(codeOf(prefix({ count: 0, length: 2256 + 65 }))).toBe('BUS_TOO_LONG');
    expect(codeOf(prefix({ type: 4, length: 2256 + 8 + 100 }))).toBeUndefined();
    expect(codeOf(prefix({ type: 4, length: 2256 + 9 + 100 }))).toBe('BUS_TOO_LONG');
    expect(codeOf(prefix({ type: 9, length: 2256 + 13 + 100 }))).toBeUndefined();
    expect(codeOf(prefix({ type: 9, length: 2256 + 14 + 100 }))).toBe('BUS_TOO_LONG');
    expect(codeOf(prefix({ type: 7, length: 4352 }))).toBeUndefined();
    expect(codeOf(prefix({ type: 20, length: 4353 }))).toBe('BUS_TOO_LONG');
  });
});
