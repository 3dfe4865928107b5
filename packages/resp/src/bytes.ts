// Hot path: per reply and per argument. Writing text and numbers as bytes.

const encoder = new TextEncoder();

/** Up to this many bytes a loop is faster than a call that sets up a copy. */
const LOOP_BYTES_MAX = 48;

/** Up to this many bytes copying words in a loop is faster than that call. */
export const WORDS_BYTES_MAX = 160;

/** Writes the decimal digits of a whole number from 0 to 2^31 - 1 at `at`, and returns where they end. */
export function writeCount(bytes: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  if (value >= 10) end += value >= 1e9 ? 9 : decimals(value);
  let rest = value | 0;
  for (let to = end - 1; to >= at; to--) {
    const tenth = (rest / 10) | 0;
    bytes[to] = 0x30 + rest - 10 * tenth;
    rest = tenth;
  }
  return end;
}

function decimals(value: number): number {
  if (value < 1e4) return value < 100 ? 1 : value < 1000 ? 2 : 3;
  if (value < 1e6) return value < 1e5 ? 4 : 5;
  return value < 1e7 ? 6 : value < 1e8 ? 7 : 8;
}

/** How many bytes {@link writeCount} writes. */
export function countLength(value: number): number {
  return value < 10 ? 1 : value >= 1e9 ? 10 : 1 + decimals(value);
}

/** Copies `from[start, end)` to `at`, and returns where that ends. */
export function writeBytes(
  bytes: Uint8Array,
  at: number,
  from: Uint8Array,
  start: number,
  end: number,
): number {
  if (end - start <= LOOP_BYTES_MAX) {
    for (let i = start; i < end; i++) bytes[at++] = from[i];
    return at;
  }
  bytes.set(start === 0 && end === from.length ? from : from.subarray(start, end), at);
  return at + end - start;
}

/** As {@link writeBytes}, with a view of each memory; for up to {@link WORDS_BYTES_MAX} bytes. */
export function writeWords(
  bytes: Uint8Array,
  bytesView: DataView,
  at: number,
  from: Uint8Array,
  fromView: DataView,
  start: number,
  end: number,
): number {
  let i = start;
  for (; i + 8 <= end; i += 8, at += 8) {
    bytesView.setInt32(at, fromView.getInt32(i, true), true);
    bytesView.setInt32(at + 4, fromView.getInt32(i + 4, true), true);
  }
  for (; i < end; i++) bytes[at++] = from[i];
  return at;
}

/** Writes the UTF-8 bytes of `text`, which are `length` as {@link textLength} counts them; returns their end. */
export function writeText(bytes: Uint8Array, at: number, text: string, length: number): number {
  if (length > LOOP_BYTES_MAX || length !== text.length) {
    encoder.encodeInto(text, bytes.subarray(at, at + length));
  } else {
    for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
  }
  return at + length;
}

/** How many bytes `text` has in UTF-8, with three (U+FFFD) for each unpaired surrogate. */
export function textLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      length++;
      continue;
    }
    length += 2;
    if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
  }
  return length;
}
