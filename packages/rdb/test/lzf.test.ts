import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LzfCompressor, lzfDecompress } from '../src/index.ts';
import { bytesOf, isSame, randomOf } from './support/bytes.ts';

/** Compresses into exact room and unpacks again; the compressed length, 0 where it does not fit. */
function roundTrip(compressor: LzfCompressor, bytes: Uint8Array, room: number): number {
  const packed = new Uint8Array(room + 7).fill(0xee);
  const end = compressor.compress(bytes, 0, bytes.length, packed, 5, 5 + room);
  if (end === 0) return 0;
  expect(end).toBeLessThanOrEqual(5 + room);
  const unpacked = new Uint8Array(bytes.length);
  expect(lzfDecompress(packed, 5, end, unpacked)).toBe(true);
  expect(isSame(unpacked, bytes)).toBe(true);
  return end - 5;
}

const repetitive = fc
  .array(
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 90 })),
    {
      maxLength: 12,
    },
  )
  .map((parts) =>
    Uint8Array.from(
      parts.flatMap(([piece, times]) =>
        Array(times)
          .fill([...piece])
          .flat(),
      ),
    ),
  );

it('unpacks what it has packed, one string after the other with one table', () => {
  const compressor = new LzfCompressor();
  fc.assert(
    fc.property(fc.oneof(repetitive, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      roundTrip(compressor, bytes, bytes.length + 20);
      roundTrip(compressor, bytes, Math.max(0, bytes.length - 4));
    }),
    { numRuns: 500 },
  );
});

it('makes text shorter and gives noise up', () => {
  const compressor = new LzfCompressor();
  const text = bytesOf('the quick brown fox and the lazy dog, '.repeat(300));
  expect(roundTrip(compressor, text, text.length - 4)).toBeLessThan(text.length / 20);
  const random = randomOf(7);
  const noise = Uint8Array.from({ length: 5000 }, () => random(256));
  expect(roundTrip(compressor, noise, noise.length - 4)).toBe(0);
});

it('finds what lies as far back as the format reaches, and not further', () => {
  const random = randomOf(3);
  for (const gap of [8190, 8191, 8192, 8193, 20_000]) {
    const noise = Uint8Array.from({ length: gap }, () => random(256));
    roundTrip(new LzfCompressor(), Uint8Array.from([...noise, ...noise]), 3 * gap);
  }
});

it('refuses to unpack what does not fill the room exactly or refers to what is not there', () => {
  const unpack = (packed: number[], length: number): boolean =>
    lzfDecompress(Uint8Array.from(packed), 0, packed.length, new Uint8Array(length));
  expect(unpack([1, 65, 66], 2)).toBe(true);
  expect(unpack([1, 65, 66], 3)).toBe(false);
  expect(unpack([1, 65, 66], 1)).toBe(false);
  expect(unpack([2, 65, 66], 3)).toBe(false);
  expect(unpack([0, 65, 0x20, 0], 4)).toBe(true);
  expect(unpack([0, 65, 0x20, 1], 4)).toBe(false);
  expect(unpack([0, 65, 0x20], 4)).toBe(false);
  expect(unpack([0, 65, 0xe0, 5, 0], 15)).toBe(true);
  expect(unpack([0, 65, 0xe0, 5, 0], 14)).toBe(false);
  expect(unpack([0, 65, 0xe0], 14)).toBe(false);
  expect(unpack([0x20, 0], 3)).toBe(false);
});

it('never writes where it must not, whatever it is told to unpack', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(600), (packed, length) => {
      lzfDecompress(packed, 0, packed.length, new Uint8Array(length));
    }),
    { numRuns: 2000 },
  );
});
