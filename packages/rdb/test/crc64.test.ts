import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Crc64 } from '../src/index.ts';
import { bytesOf, concat, cut, randomOf } from './support/bytes.ts';

const POLYNOMIAL = 0x95ac9329ac4bc9b5n;

/** The definition, bit by bit. */
function slowly(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ POLYNOMIAL : crc >> 1n;
  }
  return crc;
}

function sumOf(crc: Crc64): bigint {
  return (BigInt(crc.high >>> 0) << 32n) | BigInt(crc.low >>> 0);
}

it('gives the check value of the polynomial', () => {
  const crc = new Crc64();
  crc.update(bytesOf('123456789'));
  expect(sumOf(crc)).toBe(0xe9c6d914c4b8d9can);
});

it('is what its definition says, however the input is cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.integer(), (bytes, seed) => {
      const expected = slowly(bytes);
      const crc = new Crc64();
      for (const piece of cut(bytes, randomOf(seed))) crc.update(piece);
      expect(sumOf(crc)).toBe(expected);

      crc.reset();
      crc.update(concat([1, 2, 3], bytes, [4]), 3, 3 + bytes.length);
      expect(sumOf(crc)).toBe(expected);
      const written = new Uint8Array(10);
      crc.writeTo(written, 1);
      expect(new DataView(written.buffer).getBigUint64(1, true)).toBe(expected);
      expect(crc.equals(written, 1)).toBe(true);
      written[8] ^= 1;
      expect(crc.equals(written, 1)).toBe(false);
    }),
  );
});
