// Hot path: per header and number. Decimal numbers as bytes.

const ZERO = 0x30;
const NINE = 0x39;
const PLUS = 0x2b;
const MINUS = 0x2d;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
/** Digits that a double always holds exactly. */
const SAFE_DIGITS = 15;
const INT64_DIGITS = 19;
const BIG_NUMBER_DIGITS_MAX = 4096;
/** Longer than any double is printed, by `%f` too. */
const DOUBLE_BYTES_MAX = 2048;
const SPECIAL_DOUBLES: ReadonlyMap<string, number> = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['nan', Number.NaN],
  ['-nan', Number.NaN],
]);

/**
 * The signed 64-bit integer in `bytes[start, end)`, or undefined if there is none in the one form that a server takes:
 * no plus sign, no leading zero, no `-0`. Beyond 2^53 - 1 it is a bigint.
 */
export function parseInteger(
  bytes: Uint8Array,
  start: number,
  end: number,
): number | bigint | undefined {
  const negative = bytes[start] === MINUS && end > start;
  const first = negative ? start + 1 : start;
  const digits = end - first;
  if (digits < 1 || digits > INT64_DIGITS) return undefined;
  if (bytes[first] === ZERO && (digits > 1 || negative)) return undefined;
  let value = 0;
  for (let at = first; at < end; at++) {
    const byte = bytes[at];
    if (byte < ZERO || byte > NINE) return undefined;
    value = value * 10 + (byte - ZERO);
  }
  if (digits <= SAFE_DIGITS) return negative ? -value : value;
  if (value <= Number.MAX_SAFE_INTEGER) return negative ? -value : value;
  const exact = parseDigits(bytes, first, end);
  const signed = negative ? -exact : exact;
  return signed >= INT64_MIN && signed <= INT64_MAX ? signed : undefined;
}

/** The number of the decimal digits in `bytes[start, end)`. */
export function parseDigits(bytes: Uint8Array, start: number, end: number): bigint {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]);
  return BigInt(text);
}

/** The integer of any size in `bytes[start, end)`, with or without a sign; undefined if there is none. */
export function parseBigNumber(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  const signed = start < end && (bytes[start] === MINUS || bytes[start] === PLUS);
  const first = signed ? start + 1 : start;
  // Reading a number takes time that grows with its square.
  if (end === first || end - first > BIG_NUMBER_DIGITS_MAX) return undefined;
  for (let at = first; at < end; at++) {
    if (bytes[at] < ZERO || bytes[at] > NINE) return undefined;
  }
  const value = parseDigits(bytes, first, end);
  return bytes[start] === MINUS ? -value : value;
}

/** The double in `bytes[start, end)`, `inf` and `nan` among them; undefined if there is none. */
export function parseDouble(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start > DOUBLE_BYTES_MAX) return undefined;
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]);
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  return SPECIAL_DOUBLES.get(text);
}
