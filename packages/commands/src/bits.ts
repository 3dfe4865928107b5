// Strings as rows of bits: counting and searching, and the offsets that commands give. Bit 0 is the highest of byte 0.

import type { Arguments } from '@slotmesh/resp';
import { parseInteger } from './bytes.ts';

const HASH = 0x23;

/**
 * The bit offset of argument `i`; null where it is none, or beyond strings of `bytesMax`. With a `width`, `#n` means the
 * n-th field of so many bits.
 */
export function bitOffsetOf(
  args: Arguments,
  i: number,
  bytesMax: number,
  width = 0,
): number | null {
  const start = args.starts[i];
  const isCounted = width > 0 && args.ends[i] > start && args.buffer[start] === HASH;
  const value = parseInteger(args.buffer, isCounted ? start + 1 : start, args.ends[i]);
  if (value === null) return null;
  const offset = isCounted ? BigInt(value) * BigInt(width) : value;
  if (offset < 0 || offset >= bytesMax * 8) return null;
  return Number(offset);
}

/** How many bits of `bytes[start, end)` are set. */
export function countBits(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    count += bitsOf(word);
  }
  for (; at < end; at++) count += bitsOf(bytes[at]);
  return count;
}

/** Set bits of a 32-bit word: sums of pairs, of fours, of bytes. */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/** How many bits from bit `first` to bit `last`, both inclusive, are set. */
export function countBitRange(
  bytes: Uint8Array,
  start: number,
  first: number,
  last: number,
): number {
  const firstByte = start + Math.floor(first / 8);
  const lastByte = start + Math.floor(last / 8);
  const before = bytes[firstByte] & ~(0xff >> (first % 8));
  const after = bytes[lastByte] & (0xff >> ((last % 8) + 1));
  return countBits(bytes, firstByte, lastByte + 1) - bitsOf(before) - bitsOf(after);
}

/** The first bit from `first` to `last`, both inclusive, that is `bit`; -1 = none. Bit 0 is that of `bytes[start]`. */
export function findBit(
  bytes: Uint8Array,
  start: number,
  first: number,
  last: number,
  bit: number,
): number {
  const skipped = bit === 1 ? 0 : 0xff;
  for (let at = first; at <= last; ) {
    const byte = bytes[start + Math.floor(at / 8)];
    if (byte === skipped) {
      at = (Math.floor(at / 8) + 1) * 8;
      continue;
    }
    if (((byte >> (7 - (at % 8))) & 1) === bit) return at;
    at++;
  }
  return -1;
}
