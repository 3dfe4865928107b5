// Whatever the bytes, there is a message or a BusDecodeError; and a message says all that the bytes
// say.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BusDecodeError, BusDecoder, decodeBusMessage, encodeBusMessage } from '../src/index.ts';
import * as arbitrary from './arbitraries.ts';
import { canonical } from './canonical.ts';
import { plain } from './plain.ts';
import { distinctVectors, vectors } from './vectors.ts';

/**
 * Decodes; a message must encode back to the frame but for the bytes that mean nothing. True if it
 * is a message.
 */
function decodesFaithfully(bytes: Uint8Array): boolean {
  let encoded: Uint8Array;
  try {
    encoded = encodeBusMessage(decodeBusMessage(bytes));
  } catch (error) {
    if (error instanceof BusDecodeError) return false;
    throw error;
  }
  if (Buffer.compare(encoded, canonical(bytes)) !== 0) {
    expect(encoded).toEqual(canonical(bytes));
  }
  return true;
}

function withLength(bytes: Uint8Array, length: number): Uint8Array {
  const cut = new Uint8Array(length);
  cut.set(bytes.subarray(0, length));
  new DataView(cut.buffer).setUint32(4, length);
  return cut;
}

describe('a damaged message', () => {
  it('is refused, cut anywhere', () => {
    for (const { bytes } of distinctVectors) {
      for (let length = 0; length < bytes.length; length++) {
        expect(() => decodeBusMessage(bytes.subarray(0, length))).toThrow(BusDecodeError);
      }
    }
  });

  it('is refused or faithful, cut anywhere or longer, and announcing just that', () => {
    for (const { bytes } of distinctVectors) {
      for (let length = 8; length < bytes.length + 120; length++) {
        if (length === bytes.length) continue;
        expect(decodesFaithfully(withLength(bytes, length))).toBe(false);
      }
    }
  });

  it('is refused or faithful, with any byte changed', () => {
    let accepted = 0;
    let refused = 0;
    for (const { bytes } of distinctVectors) {
      const damaged = bytes.slice();
      for (let i = 0; i < bytes.length; i++) {
        // Every 2048 bytes of slots are alike; a sample of them will do.
        if (i > 100 && i < 2100 && i % 50 !== 0) continue;
        for (const value of [0, bytes[i] ^ 1, bytes[i] ^ 0x80, bytes[i] ^ 0xff]) {
          damaged[i] = value;
          if (decodesFaithfully(damaged)) accepted++;
          else refused++;
        }
        damaged[i] = bytes[i];
      }
    }
    expect(accepted).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  });

  it('is refused or faithful, with several bytes of a generated message changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(0xff)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(arbitrary.message, changes, (message, damage) => {
        const bytes = encodeBusMessage(message);
        // Behind the prefix, so that the body is reached.
        for (const [at, value] of damage) bytes[8 + (at % (bytes.length - 8))] = value;
        decodesFaithfully(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('bytes from nowhere', () => {
  it('are refused or faithful', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodesFaithfully(bytes)),
    );
  });

  it('are refused or faithful behind a prefix that promises a message', () => {
    const body = fc.uint8Array({ minLength: 2300, maxLength: 4400, size: 'max' });
    fc.assert(
      fc.property(body, fc.nat(12), fc.boolean(), fc.nat(5), (bytes, type, light, count) => {
        const view = new DataView(bytes.buffer);
        view.setUint32(0, 0x52436d62);
        view.setUint32(4, bytes.length);
        view.setUint16(8, 1);
        view.setUint16(12, light ? type | 0x8000 : type);
        view.setUint16(14, count);
        decodesFaithfully(bytes);
      }),
      { numRuns: 300 },
    );
  });

  it('end a stream with one error, or leave it waiting', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), (chunks) => {
        const decoder = new BusDecoder();
        for (const chunk of chunks) {
          decoder.push(chunk);
          try {
            while (decoder.next() !== undefined);
          } catch (error) {
            expect(error).toBeInstanceOf(BusDecodeError);
          }
        }
      }),
    );
  });
});

describe('the bytes that mean nothing', () => {
  it('do not change the message, and are written as zero', () => {
    for (const { bytes } of vectors) {
      const noisy = bytes.slice();
      const light = bytes[12] >= 0x80;
      if (light) noisy.set([1, 2], 10);
      else noisy.fill(0xee, 2216, 2246);
      expect(plain(decodeBusMessage(noisy))).toEqual(plain(decodeBusMessage(bytes)));
      expect(encodeBusMessage(decodeBusMessage(noisy))).toEqual(bytes);
    }
  });
});
