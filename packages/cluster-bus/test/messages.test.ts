// The fields of each message: their limits, where a bad one is refused, and the types that no
// capture has.

import { describe, expect, it } from 'vitest';
import {
  BusDecodeError,
  type BusMessage,
  decodeBusMessage,
  encodeBusMessage,
  type PingMessage,
  type UpdateMessage,
} from '../src/index.ts';
import { bareHeader, idA, idB } from './frames.ts';

const header = bareHeader;
const ping: PingMessage = {
  kind: 'ping',
  header: { ...header, replicaOf: idB, host: '10.0.0.1' },
  gossip: [
    {
      node: idB,
      pingSentS: 0,
      pongReceivedS: 0xffff_ffff,
      host: '::1',
      port: 1,
      altPort: 2,
      busPort: 3,
      flags: 4,
    },
  ],
  extensions: [],
};
const update: UpdateMessage = {
  kind: 'update',
  header,
  node: idB,
  configEpoch: 2 ** 53 - 1,
  slots: header.slots,
};

/** The code of the error that decoding `message` with `patch` at `offset` gives. */
function codeOf(message: BusMessage, offset: number, patch: ArrayLike<number>): string {
  const bytes = encodeBusMessage(message);
  bytes.set(patch, offset);
  try {
    decodeBusMessage(bytes);
  } catch (error) {
    if (error instanceof BusDecodeError) return error.code + (error.closesLink ? ' close' : '');
    throw error;
  }
  return 'decoded';
}

const tooLarge = [0, 0x20, 0, 0, 0, 0, 0, 0];

describe('decoding', () => {
  const cases: [string, BusMessage, number, ArrayLike<number>, string][] = [
    ['signature', ping, 3, [0x63], 'BUS_BAD_SIGNATURE close'],
    ['length + 1', ping, 7, [0x39], 'BUS_BAD_LENGTH close'],
    ['version 0', ping, 8, [0, 0], 'BUS_BAD_VERSION'],
    ['current epoch 2^53', ping, 16, tooLarge, 'BUS_NUMBER_TOO_LARGE'],
    ['config epoch 2^53', ping, 24, tooLarge, 'BUS_NUMBER_TOO_LARGE'],
    ['offset 2^64 - 1', ping, 32, new Uint8Array(8).fill(255), 'BUS_NUMBER_TOO_LARGE'],
    ['sender in capitals', ping, 40, [0x41], 'BUS_BAD_ID'],
    ['sender with a slash', ping, 79, [0x2f], 'BUS_BAD_ID'],
    ['sender with a colon', ping, 79, [0x3a], 'BUS_BAD_ID'],
    ['sender with a backtick', ping, 79, [0x60], 'BUS_BAD_ID'],
    ['sender with a brace', ping, 79, [0x7b], 'BUS_BAD_ID'],
    ['sender of zeros', ping, 40, new Uint8Array(40), 'BUS_BAD_ID'],
    ['primary with one zero', ping, 2128, [0], 'BUS_BAD_ID'],
    ['primary of zeros', ping, 2128, new Uint8Array(40), 'decoded'],
    ['primary of zeros but the last', ping, 2128, new Uint8Array(39), 'BUS_BAD_ID'],
    ['host without NUL', ping, 2168, new Uint8Array(46).fill(0x61), 'BUS_BAD_TEXT'],
    ['host of 45', ping, 2168, new Uint8Array(45).fill(0x61), 'decoded'],
    ['host with a line feed', ping, 2170, [10], 'BUS_BAD_TEXT'],
    ['state 2', ping, 2252, [2], 'BUS_BAD_STATE'],
    ['gossip with a bad id', ping, 2256, [0x2d], 'BUS_BAD_ID'],
    ['gossip host without NUL', ping, 2304, new Uint8Array(46).fill(0x61), 'BUS_BAD_TEXT'],
    ['a gossip count too large', ping, 15, [2], 'BUS_WRONG_LENGTH'],
    ['a gossip count too small', ping, 15, [0], 'BUS_WRONG_LENGTH'],
    ['update of epoch 2^53', update, 2256, tooLarge, 'BUS_NUMBER_TOO_LARGE'],
    ['update of a bad id', update, 2264, [0], 'BUS_BAD_ID'],
    ['fail of a bad id', { kind: 'fail', header, node: idB }, 2256, [32], 'BUS_BAD_ID'],
    [
      'nack of epoch 2^53',
      { kind: 'failoverAuthNack', header, epoch: 1, reason: 1 },
      2256,
      tooLarge,
      'BUS_NUMBER_TOO_LARGE',
    ],
  ];

  it.each(cases)('%s', (_name, message, offset, patch, code) => {
    expect(codeOf(message, offset, patch)).toBe(code);
  });

  it('checks that the lengths inside PUBLISH and MODULE add up, beyond 32 bits', () => {
    const payload = new Uint8Array(10);
    for (const head of [header, null]) {
      const body = head === null ? 16 : 2256;
      const publish: BusMessage = {
        kind: 'publish',
        header: head,
        channel: payload,
        message: payload,
      };
      expect(codeOf(publish, body + 3, [9])).toBe('BUS_WRONG_LENGTH');
      expect(codeOf(publish, body + 7, [11])).toBe('BUS_WRONG_LENGTH');
      // 2^32 - 1 and 21 are 20 in 32 bits.
      expect(codeOf(publish, body, [255, 255, 255, 255, 0, 0, 0, 21])).toBe('BUS_WRONG_LENGTH');
      expect(codeOf(publish, body, [0, 0, 0, 20, 0, 0, 0, 0])).toBe('decoded');
      const module: BusMessage = {
        kind: 'module',
        header: head,
        moduleId: new Uint8Array(8),
        type: 1,
        payload,
      };
      expect(codeOf(module, body + 11, [9])).toBe('BUS_WRONG_LENGTH');
      expect(codeOf(module, body + 11, [11])).toBe('BUS_WRONG_LENGTH');
    }
  });

  it('gives a MODULE, a NACK and an unknown type as the facts describe them', () => {
    const bytes = encodeBusMessage({
      kind: 'module',
      header: null,
      moduleId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      type: 9,
      payload: Uint8Array.of(10, 11),
    });
    const hex = '52436d62 0000001f 0001 0000 8009 0000 0102030405060708 00000002 09 0a0b';
    expect(Buffer.from(bytes).toString('hex')).toBe(hex.replaceAll(' ', ''));
    const nack = encodeBusMessage({ kind: 'failoverAuthNack', header, epoch: 258, reason: 2 });
    expect(nack.length).toBe(2272);
    expect([...nack.subarray(2256)]).toEqual([0, 0, 0, 0, 0, 0, 1, 2, 2, 0, 0, 0, 0, 0, 0, 0]);
    const body = Uint8Array.of(1, 2, 3);
    const unknown = encodeBusMessage({ kind: 'unknown', header, type: 12, body });
    expect(decodeBusMessage(unknown)).toEqual({ kind: 'unknown', header, type: 12, body });
  });
});

describe('encoding refuses', () => {
  const cases: [string, () => BusMessage, string][] = [
    ['a short sender', () => ({ ...ping, header: { ...header, sender: 'abc' } }), 'BUS_BAD_ID'],
    ['a long node id', () => ({ kind: 'fail', header, node: `${idA}a` }), 'BUS_BAD_ID'],
    ['an id in capitals', () => ({ kind: 'fail', header, node: 'A'.repeat(40) }), 'BUS_BAD_ID'],
    [
      'an id with a line end',
      () => ({ kind: 'fail', header, node: `${'a'.repeat(39)}\n` }),
      'BUS_BAD_ID',
    ],
    ['an id beyond latin1', () => ({ kind: 'fail', header, node: 'š'.repeat(40) }), 'BUS_BAD_ID'],
    ['epoch 2^53', () => ({ ...update, configEpoch: 2 ** 53 }), 'BUS_BAD_NUMBER'],
    ['epoch -1', () => ({ ...update, configEpoch: -1 }), 'BUS_BAD_NUMBER'],
    ['epoch 1.5', () => ({ ...update, configEpoch: 1.5 }), 'BUS_BAD_NUMBER'],
    ['epoch NaN', () => ({ ...update, configEpoch: Number.NaN }), 'BUS_BAD_NUMBER'],
    ['port 65536', () => ({ ...ping, header: { ...header, port: 65_536 } }), 'BUS_BAD_NUMBER'],
    ['flags -1', () => ({ ...ping, header: { ...header, flags: -1 } }), 'BUS_BAD_NUMBER'],
    [
      'message flags 256',
      () => ({ ...ping, header: { ...header, messageFlags: 65_536 } }),
      'BUS_BAD_NUMBER',
    ],
    [
      'a host of 46',
      () => ({ ...ping, header: { ...header, host: 'a'.repeat(46) } }),
      'BUS_BAD_TEXT',
    ],
    [
      'a host with a space',
      () => ({ ...ping, header: { ...header, host: 'a b' } }),
      'BUS_BAD_TEXT',
    ],
    [
      '65536 gossip entries',
      () => ({ ...ping, gossip: new Array(65_536).fill(ping.gossip[0]) }),
      'BUS_TOO_LONG',
    ],
    [
      'a time beyond 32 bits',
      () => ({ ...ping, gossip: [{ ...ping.gossip[0], pingSentS: 2 ** 32 }] }),
      'BUS_BAD_NUMBER',
    ],
    [
      'a module id of 7 bytes',
      () => ({
        kind: 'module',
        header,
        moduleId: new Uint8Array(7),
        type: 1,
        payload: new Uint8Array(0),
      }),
      'BUS_BAD_ID',
    ],
    [
      'a known type as unknown',
      () => ({ kind: 'unknown', header, type: 11, body: new Uint8Array(0) }),
      'BUS_BAD_NUMBER',
    ],
    [
      'an unknown type that would be light',
      () => ({ kind: 'unknown', header, type: 0x8000, body: new Uint8Array(0) }),
      'BUS_BAD_NUMBER',
    ],
    [
      'a kind that does not exist',
      () => ({ kind: 'none' }) as unknown as BusMessage,
      'BUS_BAD_MESSAGE',
    ],
  ];

  it.each(cases)('%s', (_name, message, code) => {
    expect(() => encodeBusMessage(message())).toThrow(
      expect.objectContaining({ name: 'BusEncodeError', code }),
    );
  });

  it('but goes on unharmed', () => {
    expect(() => encodeBusMessage({ kind: 'fail', header, node: 'abc' })).toThrow();
    const bytes = encodeBusMessage({ kind: 'fail', header, node: idB });
    expect(decodeBusMessage(bytes)).toEqual({ kind: 'fail', header, node: idB });
  });
});
