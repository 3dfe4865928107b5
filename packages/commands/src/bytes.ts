// Hot path: reads the arguments of a command as they lie in the input; bench in bench/execute.bench.ts.

import { copyBytes } from '@slotmesh/keyspace';
import type { Arguments } from '@slotmesh/resp';

const NINE_QUADRILLION_DIGITS = 15;
const SHORT = 64;
const PIECE = 8192;
const INT64_MAX = 9_223_372_036_854_775_807n;
const INT64_MIN = -9_223_372_036_854_775_808n;

/** Whether argument `i` is `word` in any case. `word` is upper-case ASCII. */
export function isWord(args: Arguments, i: number, word: string): boolean {
  const start = args.starts[i];
  if (args.ends[i] - start !== word.length) return false;
  const bytes = args.buffer;
  for (let at = 0; at < word.length; at++) {
    const byte = bytes[start + at];
    if ((byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte) !== word.charCodeAt(at)) return false;
  }
  return true;
}

/** A copy of argument `i`. */
export function copyOf(args: Arguments, i: number): Uint8Array {
  return copyBytes(args.buffer, args.starts[i], args.ends[i]);
}

/** Argument `i` with one character per byte, U+0000 to U+00FF. */
export function latin1Of(args: Arguments, i: number): string {
  return latin1(args.buffer, args.starts[i], args.ends[i]);
}

export function latin1(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  if (end - start <= SHORT) {
    let text = '';
    for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]);
    return text;
  }
  // In pieces: a string grown byte by byte costs many times its length.
  const pieces: string[] = [];
  for (let at = start; at < end; at += PIECE) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, Math.min(at + PIECE, end))));
  }
  return pieces.join('');
}

/** The bytes of a string whose characters are all below U+0100. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Argument `i` as the C library's `%s` prints it: what stands before the first zero byte, at most `max` bytes. */
export function printedOf(
  args: Arguments,
  i: number,
  max: number = Number.POSITIVE_INFINITY,
): string {
  const text = latin1(args.buffer, args.starts[i], Math.min(args.ends[i], args.starts[i] + max));
  const zero = text.indexOf('\0');
  return zero < 0 ? text : text.slice(0, zero);
}

/**
 * A 64-bit decimal integer without blanks, plus sign or leading zeros: a number where it is exact, else a bigint; null
 * for everything else.
 */
export function integerOf(args: Arguments, i: number): number | bigint | null {
  return parseInteger(args.buffer, args.starts[i], args.ends[i]);
}

/** {@link integerOf} of `bytes[start, end)`. */
export function parseInteger(
  bytes: Uint8Array,
  start: number,
  end: number,
): number | bigint | null {
  let at = start;
  const negative = at < end && bytes[at] === 0x2d;
  if (negative) at++;
  const digits = end - at;
  if (digits === 0) return null;
  if (bytes[at] === 0x30) return digits === 1 && !negative ? 0 : null;
  if (digits > 19) return null;
  for (let j = at; j < end; j++) if (bytes[j] < 0x30 || bytes[j] > 0x39) return null;
  if (digits <= NINE_QUADRILLION_DIGITS) {
    let value = 0;
    for (; at < end; at++) value = value * 10 + (bytes[at] - 0x30);
    return negative ? -value : value;
  }
  const wide = BigInt(latin1(bytes, at - (negative ? 1 : 0), end));
  if (wide > INT64_MAX || wide < INT64_MIN) return null;
  const value = Number(wide);
  return Number.isSafeInteger(value) ? value : wide;
}

/** What the C library's `strtoul` makes of the whole argument: 64 bits, a sign allowed, nothing is 0; else null. */
export function unsignedOf(args: Arguments, i: number): bigint | null {
  const bytes = args.buffer;
  const end = args.ends[i];
  let at = args.starts[i];
  if (at === end) return 0n;
  const negative = bytes[at] === 0x2d;
  if (negative || bytes[at] === 0x2b) at++;
  if (at === end) return null;
  while (at < end - 1 && bytes[at] === 0x30) at++;
  let value = 0n;
  for (; at < end; at++) {
    const digit = bytes[at] - 0x30;
    if (digit < 0 || digit > 9) return null;
    value = value * 10n + BigInt(digit);
    if (value > 0xffff_ffff_ffff_ffffn) return null;
  }
  return negative ? BigInt.asUintN(64, -value) : value;
}

/** How many characters the decimal form of an integer has. */
export function integerLength(value: number | bigint): number {
  if (value < 0 || value >= 1e9) return String(value).length;
  let length = 1;
  for (let rest = Number(value); rest >= 10; rest = (rest / 10) | 0) length++;
  return length;
}

/** Writes the decimal form of an integer, which has `length` characters. */
export function writeInteger(
  bytes: Uint8Array,
  start: number,
  length: number,
  value: number | bigint,
): void {
  if (value < 0 || value >= 1e9) {
    const text = String(value);
    for (let i = 0; i < length; i++) bytes[start + i] = text.charCodeAt(i);
    return;
  }
  let rest = Number(value);
  for (let at = start + length - 1; at >= start; at--) {
    const tenth = (rest / 10) | 0;
    bytes[at] = 0x30 + rest - 10 * tenth;
    rest = tenth;
  }
}
