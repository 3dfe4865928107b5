// The chain of extensions: what is refused, what is kept, and how much work a hostile chain can
// cause.

import { describe, expect, it } from 'vitest';
import {
  BusDecodeError,
  decodeBusMessage,
  encodeBusMessage,
  type PingExtension,
  type PingMessage,
} from '../src/index.ts';
import { readExtensions } from '../src/ping-extensions.ts';
import { bareHeader, idA, idB } from './frames.ts';

const HEADER = 2256;

/** A PING with `count` extensions whose bytes are `chain`. */
function pingWith(count: number, chain: Uint8Array): Uint8Array {
  const header = { ...bareHeader, messageFlags: 4 };
  const bare = encodeBusMessage({ kind: 'ping', header, gossip: [], extensions: [] });
  const bytes = new Uint8Array(bare.length + chain.length);
  bytes.set(bare);
  bytes.set(chain, bare.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, bytes.length);
  view.setUint16(2214, count);
  return bytes;
}

/** One extension; `length` is what it announces, by default what it has. */
function raw(type: number, data: Uint8Array | string, length?: number): Uint8Array {
  const content = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  const bytes = new Uint8Array(8 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length ?? bytes.length);
  view.setUint16(4, type);
  bytes.set(content, 8);
  return bytes;
}

function decode(count: number, ...chain: Uint8Array[]): readonly PingExtension[] {
  const message = decodeBusMessage(pingWith(count, Buffer.concat(chain)));
  if (message.kind !== 'ping') throw new Error(`a ${message.kind}`);
  return message.extensions;
}

function codeOf(count: number, ...chain: Uint8Array[]): string {
  try {
    decode(count, ...chain);
  } catch (error) {
    if (error instanceof BusDecodeError && !error.closesLink) return error.code;
    throw error;
  }
  return 'decoded';
}

function sentBack(...extensions: PingExtension[]): PingMessage {
  const header = { ...bareHeader, messageFlags: 4 };
  const message: PingMessage = { kind: 'ping', header, gossip: [], extensions };
  return decodeBusMessage(encodeBusMessage(message)) as PingMessage;
}

describe('an extension chain', () => {
  const refused: [string, number, Uint8Array[], string][] = [
    ['length 0', 1, [raw(0, 'host\0\0\0\0', 0)], 'BUS_BAD_EXTENSION'],
    ['length 4', 1, [raw(0, 'host\0\0\0\0', 4)], 'BUS_BAD_EXTENSION'],
    ['no multiple of 8', 1, [raw(9, new Uint8Array(12), 12)], 'BUS_BAD_EXTENSION'],
    ['past the end', 1, [raw(9, new Uint8Array(8), 24)], 'BUS_BAD_EXTENSION'],
    ['past 2^31', 1, [raw(9, new Uint8Array(8), 0x8000_0008)], 'BUS_BAD_EXTENSION'],
    [
      'a length that 16 bits would cut to 16',
      1,
      [raw(9, new Uint8Array(8), 0x10010)],
      'BUS_BAD_EXTENSION',
    ],
    ['half a header', 2, [raw(9, new Uint8Array(8)), new Uint8Array(4)], 'BUS_BAD_EXTENSION'],
    ['more announced than there are', 2, [raw(9, new Uint8Array(8))], 'BUS_BAD_EXTENSION'],
    ['fewer announced than there are', 1, [raw(9, ''), raw(9, '')], 'BUS_WRONG_LENGTH'],
    ['none announced', 0, [raw(9, '')], 'BUS_WRONG_LENGTH'],
    ['a text without NUL', 1, [raw(0, 'hostname')], 'BUS_BAD_EXTENSION'],
    ['a text without room for NUL', 1, [raw(0, '')], 'BUS_BAD_EXTENSION'],
    ['more room than the text needs', 1, [raw(1, `host${'\0'.repeat(12)}`)], 'BUS_BAD_EXTENSION'],
    ['a line feed in a name', 1, [raw(1, 'a\nb\0\0\0\0\0')], 'BUS_BAD_TEXT'],
    ['a space in a name', 1, [raw(0, 'a b\0\0\0\0\0')], 'BUS_BAD_TEXT'],
    [
      'a name that is not UTF-8',
      1,
      [raw(0, Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0))],
      'BUS_BAD_TEXT',
    ],
    ['a shard id that is short', 1, [raw(3, 'a'.repeat(32))], 'BUS_BAD_EXTENSION'],
    ['a shard id in capitals', 1, [raw(3, 'A'.repeat(40))], 'BUS_BAD_ID'],
    ['a forgotten node without its time', 1, [raw(2, idA)], 'BUS_BAD_EXTENSION'],
    ['a port with too much room', 1, [raw(6, new Uint8Array(16))], 'BUS_BAD_EXTENSION'],
    [
      'a forgotten node for ever',
      1,
      [raw(2, Buffer.concat([Buffer.from(idA), new Uint8Array(8).fill(0xff)]))],
      'BUS_NUMBER_TOO_LARGE',
    ],
  ];

  it.each(refused)('%s drops the packet', (_name, count, chain, code) => {
    expect(codeOf(count, ...chain)).toBe(code);
  });

  it('is not looked at without the flag, and then its bytes are too many', () => {
    const bytes = pingWith(1, raw(9, new Uint8Array(8)));
    bytes[2253] = 0;
    expect(() => decodeBusMessage(bytes)).toThrow(
      expect.objectContaining({ code: 'BUS_WRONG_LENGTH' }),
    );
    const counted = pingWith(7, new Uint8Array(0));
    counted[2253] = 0;
    expect(decodeBusMessage(counted)).toMatchObject({ extensions: [] });
  });

  it('keeps what it does not know, to the last bit', () => {
    const known = raw(3, idB);
    const unknown = raw(
      300,
      Uint8Array.from({ length: 24 }, (_, i) => i),
    );
    unknown.set([0xab, 0xcd], 6);
    const bytes = pingWith(3, Buffer.concat([raw(9, new Uint8Array(8)), known, unknown]));
    const message = decodeBusMessage(bytes);
    expect(message).toMatchObject({
      extensions: [
        { kind: 'unknown', type: 9 },
        { kind: 'shardId', shardId: idB },
        { kind: 'unknown', type: 300, reserved: 0xabcd },
      ],
    });
    expect(encodeBusMessage(message)).toEqual(bytes);
  });

  it('tells the two meanings of type 4 by shape', () => {
    const secret = Uint8Array.from({ length: 40 }, (_, i) => 0x30 + i);
    expect(decode(1, raw(4, secret))).toEqual([{ kind: 'internalSecret', secret }]);
    expect(decode(1, raw(4, '10.0.0.7\0\0\0\0\0\0\0\0'))).toEqual([
      { kind: 'clientIpv4', address: '10.0.0.7' },
    ]);
    // Raw bytes may have a NUL among them and still be no text.
    const withNul = secret.slice();
    withNul[20] = 0;
    expect(decode(1, raw(4, withNul))).toEqual([{ kind: 'internalSecret', secret: withNul }]);
    const binary = new Uint8Array(40);
    binary.fill(200, 0, 35);
    expect(decode(1, raw(4, binary))).toEqual([{ kind: 'internalSecret', secret: binary }]);
    const tail = new TextEncoder().encode(`${'a'.repeat(35)}\0bcde`);
    expect(decode(1, raw(4, tail))).toEqual([{ kind: 'internalSecret', secret: tail }]);
    const text = 'a'.repeat(35);
    expect(decode(1, raw(4, `${text}\0\0\0\0\0`))).toEqual([{ kind: 'clientIpv4', address: text }]);
  });

  it('carries long and non-ASCII names', () => {
    const extensions: PingExtension[] = [
      { kind: 'hostname', hostname: '' },
      { kind: 'hostname', hostname: 'h'.repeat(100_000) },
      { kind: 'nodename', nodename: '\ufeffknöten-節点-🐎' },
      { kind: 'availabilityZone', zone: 'eu-1a' },
    ];
    expect(sentBack(...extensions).extensions).toEqual(extensions);
  });
});

describe('work', () => {
  /** Counts what is read of a chain: each read of the view, each byte looked at or copied. */
  function stepsOf(chain: Uint8Array, count: number): number {
    let steps = 0;
    const bytes = new Proxy(chain, {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) steps++;
        const value = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...args: number[]) => {
          if (args.length === 2) steps += args[1] - args[0];
          return value.apply(target, args);
        };
      },
    });
    const view = new Proxy(new DataView(chain.buffer, chain.byteOffset, chain.byteLength), {
      get(target, key) {
        const value = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...args: number[]) => {
          steps++;
          return value.apply(target, args);
        };
      },
    });
    try {
      readExtensions(view, bytes, 0, chain.length, count);
    } catch (error) {
      if (!(error instanceof BusDecodeError)) throw error;
    }
    return steps;
  }

  const many = (one: Uint8Array, count: number): Uint8Array =>
    Buffer.concat(Array.from({ length: count }, () => one));
  const chains: [string, (size: number) => [Uint8Array, number]][] = [
    ['empty unknown extensions', (n) => [many(raw(9, ''), n), n]],
    ['length 0 again and again', (n) => [many(raw(9, '', 0), n), n]],
    ['one long text without NUL', (n) => [raw(0, 'a'.repeat(8 * n)), 1]],
    ['one long text of forbidden bytes', (n) => [raw(0, `${'a'.repeat(8 * n - 2)}\n\0`), 1]],
    ['short texts', (n) => [many(raw(0, 'abc\0\0\0\0\0'), n), n]],
    ['secrets', (n) => [many(raw(4, 'x'.repeat(40)), n), n]],
    ['one that reaches to the end, others inside it', (n) => [many(raw(9, '', 8 * n), n), n]],
    [
      'ids never seen',
      (n) => [
        Buffer.concat(Array.from({ length: n }, (_, i) => raw(3, `${n}x${i}`.padEnd(40, 'z')))),
        n,
      ],
    ],
  ];

  it.each(chains)('%s cost steps in proportion to their bytes', (_name, make) => {
    for (const size of [100, 1000, 10_000]) {
      const [chain, count] = make(size);
      // A handful of looks at a byte at most: length, search for NUL, check, copy; ids: hash,
      // compare twice, store.
      expect(stepsOf(chain, count)).toBeLessThanOrEqual(6 * chain.length);
      expect(stepsOf(chain, 65_535)).toBeLessThanOrEqual(6 * chain.length);
    }
  });

  it('is really counted', () => {
    expect(stepsOf(raw(0, 'abc\0\0\0\0\0'), 1)).toBeGreaterThan(5);
  });
});

describe('encoding an extension', () => {
  const refused: [string, PingExtension, string][] = [
    ['a name with a NUL', { kind: 'hostname', hostname: 'a\0b' }, 'BUS_BAD_TEXT'],
    ['a name with a lone surrogate', { kind: 'nodename', nodename: 'a\ud800' }, 'BUS_BAD_TEXT'],
    ['a short shard id', { kind: 'shardId', shardId: 'abc' }, 'BUS_BAD_ID'],
    ['a negative time', { kind: 'forgottenNode', node: idA, ttlS: -1 }, 'BUS_BAD_NUMBER'],
    ['a large port', { kind: 'clientPort', port: 65_536 }, 'BUS_BAD_NUMBER'],
    ['a short secret', { kind: 'internalSecret', secret: new Uint8Array(39) }, 'BUS_BAD_EXTENSION'],
    [
      'a secret that reads as an address',
      { kind: 'internalSecret', secret: new Uint8Array(40).fill(0x61, 0, 35) },
      'BUS_BAD_EXTENSION',
    ],
    [
      'an address that reads as a secret',
      { kind: 'clientIpv4', address: 'ü'.repeat(17) },
      'BUS_BAD_EXTENSION',
    ],
    [
      'a known type as unknown',
      { kind: 'unknown', type: 8, data: new Uint8Array(8) },
      'BUS_BAD_EXTENSION',
    ],
    [
      'unknown data without padding',
      { kind: 'unknown', type: 9, data: new Uint8Array(4) },
      'BUS_BAD_EXTENSION',
    ],
    [
      'a type that has no 16 bits',
      { kind: 'unknown', type: 65_536, data: new Uint8Array(8) },
      'BUS_BAD_NUMBER',
    ],
    ['a kind that does not exist', { kind: 'none' } as unknown as PingExtension, 'BUS_BAD_MESSAGE'],
  ];

  it.each(refused)('refuses %s', (_name, extension, code) => {
    expect(() => sentBack(extension)).toThrow(
      expect.objectContaining({ name: 'BusEncodeError', code }),
    );
  });

  it('refuses extensions without the flag that announces them', () => {
    const message: PingMessage = {
      kind: 'ping',
      header: bareHeader,
      gossip: [],
      extensions: [{ kind: 'shardId', shardId: idA }],
    };
    expect(() => encodeBusMessage(message)).toThrow(
      expect.objectContaining({ code: 'BUS_BAD_EXTENSION' }),
    );
  });

  it('starts right behind the gossip', () => {
    const bytes = pingWith(1, raw(3, idB));
    expect(bytes.length).toBe(HEADER + 48);
    expect(decodeBusMessage(bytes)).toMatchObject({ extensions: [{ shardId: idB }] });
  });
});
