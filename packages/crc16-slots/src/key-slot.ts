// Hot path: per key. Which hash slot a key belongs to: the checksum of its hash tag, or of all of it, modulo 16384
// (cluster specification, "Key distribution model" and "Hash tags").
//
// Only the first `{` counts, and only the first `}` after it. With nothing between these two the key has no tag at
// all, whatever braces follow: `foo{}{bar}` is hashed whole.

import { appendByte, appendFour, crc16, crc16OfText } from './crc16.ts';

/** The number of hash slots of a cluster. */
export const SLOT_COUNT = 16384;

const SLOT_MASK = SLOT_COUNT - 1;
const OPEN = 0x7b; // {
const CLOSE = 0x7d; // }

/**
 * The hash slot of a key, 0 to 16383, as a server's `CLUSTER KEYSLOT` gives it. A string stands for its UTF-8 bytes,
 * with U+FFFD in place of an unpaired surrogate, as every encoder sends it. Allocates nothing.
 */
export function keySlot(key: string | Uint8Array): number {
  return typeof key === 'string' ? slotOfText(key) : keySlotOfRange(key, 0, key.length);
}

/** The hash slot of the key that lies in `bytes[start, end)`. */
export function keySlotOfRange(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  let at = start;
  for (const last = end - 3; at < last; at += 4) {
    const a = bytes[at];
    const b = bytes[at + 1];
    const c = bytes[at + 2];
    const d = bytes[at + 3];
    if (a === OPEN) return slotOfBracedBytes(bytes, start, at, end);
    if (b === OPEN) return slotOfBracedBytes(bytes, start, at + 1, end);
    if (c === OPEN) return slotOfBracedBytes(bytes, start, at + 2, end);
    if (d === OPEN) return slotOfBracedBytes(bytes, start, at + 3, end);
    crc = appendFour(crc, a, b, c, d);
  }
  for (; at < end; at++) {
    const a = bytes[at];
    if (a === OPEN) return slotOfBracedBytes(bytes, start, at, end);
    crc = appendByte(crc, a);
  }
  return crc & SLOT_MASK;
}

/** The slot of a key whose first `{` is at `open`: hashes the tag while it looks for its end. */
function slotOfBracedBytes(bytes: Uint8Array, start: number, open: number, end: number): number {
  let crc = 0;
  let at = open + 1;
  for (const last = end - 3; at < last; at += 4) {
    const a = bytes[at];
    const b = bytes[at + 1];
    const c = bytes[at + 2];
    const d = bytes[at + 3];
    if (a === CLOSE || b === CLOSE || c === CLOSE || d === CLOSE) break;
    crc = appendFour(crc, a, b, c, d);
  }
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte === CLOSE) return (at > open + 1 ? crc : crc16(bytes, start, end)) & SLOT_MASK;
    crc = appendByte(crc, byte);
  }
  return crc16(bytes, start, end) & SLOT_MASK;
}

function slotOfText(key: string): number {
  let crc = 0;
  let at = 0;
  for (const last = key.length - 3; at < last; at += 4) {
    const a = key.charCodeAt(at);
    const b = key.charCodeAt(at + 1);
    const c = key.charCodeAt(at + 2);
    const d = key.charCodeAt(at + 3);
    if ((a | b | c | d) > 0x7f || a === OPEN || b === OPEN || c === OPEN || d === OPEN) {
      return slotOfOtherText(key, at, crc);
    }
    crc = appendFour(crc, a, b, c, d);
  }
  for (; at < key.length; at++) {
    const a = key.charCodeAt(at);
    if (a > 0x7f || a === OPEN) return slotOfOtherText(key, at, crc);
    crc = appendByte(crc, a);
  }
  return crc & SLOT_MASK;
}

/** The slot of a key with braces or beyond ASCII; `crc` is the checksum of `key[0, at)`, which has neither. */
function slotOfOtherText(key: string, at: number, crc: number): number {
  const open = key.indexOf('{', at);
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  const tagged = close > open + 1;
  return (
    (tagged ? crc16OfText(key, open + 1, close) : crc16OfText(key, at, key.length, crc)) & SLOT_MASK
  );
}

/**
 * The part of a key that decides its slot: what stands between its first `{` and the next `}`, or all of the key
 * where there is no such part or nothing in it. Of bytes it is a view into the same memory.
 */
export function hashTag(key: string): string;
export function hashTag(key: Uint8Array): Uint8Array;
export function hashTag<K extends string | Uint8Array>(key: K): K;
export function hashTag(key: string | Uint8Array): string | Uint8Array {
  if (typeof key === 'string') {
    const open = key.indexOf('{');
    const close = open < 0 ? -1 : key.indexOf('}', open + 1);
    return close > open + 1 ? key.slice(open + 1, close) : key;
  }
  const open = key.indexOf(OPEN);
  const close = open < 0 ? -1 : key.indexOf(CLOSE, open + 1);
  return close > open + 1 ? key.subarray(open + 1, close) : key;
}

/** Whether all keys belong to one slot, so that one command may name them all; true of no key. */
export function sameSlot(keys: Iterable<string | Uint8Array>): boolean {
  let slot = -1;
  for (const key of keys) {
    const next = keySlot(key);
    if (slot >= 0 && next !== slot) return false;
    slot = next;
  }
  return true;
}
