// Integers as text, both ways: files and packed values keep short decimal strings as numbers.

/** The longest text that a 32-bit integer has. */
const INT32_TEXT_MAX = 11;
/** In place of an integer, where there is none. */
export const NO_INTEGER: number = 2 ** 31;

const ZERO = 0x30;
const MINUS = 0x2d;

/**
 * The 32-bit integer that `bytes[start, end)` is the one and only way to write; {@link NO_INTEGER} where it is none: with
 * leading zeros, a plus sign or "-0" the text would not come back.
 */
export function parseInt32(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0 || length > INT32_TEXT_MAX) return NO_INTEGER;
  const isNegative = bytes[start] === MINUS;
  let at = isNegative ? start + 1 : start;
  const first = bytes[at] - ZERO;
  if (at === end || !(first >= 0 && first <= 9)) return NO_INTEGER;
  if (first === 0) return length === 1 ? 0 : NO_INTEGER;
  let value = 0;
  for (; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (!(digit >= 0 && digit <= 9)) return NO_INTEGER;
    value = value * 10 + digit;
  }
  if (isNegative) value = -value;
  return value === (value | 0) ? value : NO_INTEGER;
}

/** The decimal digits. */
export function integerBytes(value: number | bigint): Uint8Array {
  return asciiBytes(String(value));
}

/** The bytes of a text of ASCII characters. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The text of bytes, one character each. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]);
  return text;
}

/** A double as C's strtod reads one that printf wrote; NaN where it is none. */
export function parseScore(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 512) return Number.NaN;
  const text = asciiText(bytes, start, end);
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite === null) return Number.NaN;
  return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
