// The reverse of keySlot: a key for a given slot, for tests, for sharded channels that must lie on one shard, and for
// tools that spread work over slots.
//
// The checksum is linear: crc(prefix + suffix) = crc(prefix + zeros) ^ crc(suffix), for a suffix as long as the zeros.
// So one table of three-letter suffixes, one for each slot, serves every prefix.

import { appendByte, crc16OfText } from './crc16.ts';
import { SlotRangeError } from './errors.ts';
import { hashTag, keySlot, SLOT_COUNT } from './key-slot.ts';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = DIGITS.length;

/** For each slot the first suffix of three digits that hashes to it, as a number in base 62; made on first use. */
let suffixes: Uint32Array | undefined;

function suffixTable(): Uint32Array {
  const table = new Uint32Array(SLOT_COUNT).fill(BASE ** 3);
  for (let number = BASE ** 3 - 1; number >= 0; number--) {
    const text = suffixText(number);
    table[crc16OfText(text, 0, 3) % SLOT_COUNT] = number;
  }
  return table;
}

function suffixText(number: number): string {
  const high = DIGITS[Math.floor(number / (BASE * BASE))];
  return high + DIGITS[Math.floor(number / BASE) % BASE] + DIGITS[number % BASE];
}

/** Three digits that bring the checksum `crc` of what stands before them to `slot`. */
function suffixFor(slot: number, crc: number): string {
  suffixes ??= suffixTable();
  const zeros = appendByte(appendByte(appendByte(crc, 0), 0), 0);
  return suffixText(suffixes[slot ^ (zeros % SLOT_COUNT)]);
}

/**
 * A key that hashes to `slot`, always the same one: three letters or digits, or with a prefix `prefix{abc}`.
 *
 * Where the prefix has braces of its own, these decide: an open brace is closed by the result (`a{b` gives `a{babc}`),
 * an empty tag means that the whole key is hashed (`a{}` gives `a{}abc`), and a prefix with a tag of its own is
 * returned as it is if it lies in the slot already, and otherwise refused.
 *
 * @throws SlotRangeError `SLOT_OUT_OF_RANGE`, or `SLOT_PREFIX_TAGGED` where the prefix fixes another slot.
 */
export function keyForSlot(slot: number, prefix = ''): string {
  if (!Number.isInteger(slot) || slot < 0 || slot >= SLOT_COUNT) {
    throw new SlotRangeError('SLOT_OUT_OF_RANGE', `slot ${slot} is not between 0 and 16383`);
  }
  if (prefix === '') return suffixFor(slot, 0);
  const open = prefix.indexOf('{');
  if (open < 0) return `${prefix}{${suffixFor(slot, 0)}}`;
  const close = prefix.indexOf('}', open + 1);
  if (close < 0) {
    return `${prefix}${suffixFor(slot, crc16OfText(prefix, open + 1, prefix.length))}}`;
  }
  if (close === open + 1) {
    return prefix + suffixFor(slot, crc16OfText(prefix, 0, prefix.length));
  }
  if (keySlot(prefix) === slot) return prefix;
  throw new SlotRangeError(
    'SLOT_PREFIX_TAGGED',
    `the prefix's own hash tag {${hashTag(prefix)}} lies in slot ${keySlot(prefix)}, not in ${slot}`,
  );
}
