// Hot path: runs once per key for KEYS and SCAN, once per pattern for PUBLISH; bench in bench/keyspace.bench.ts.
//
// Glob patterns as KEYS, SCAN, PSUBSCRIBE and CONFIG GET know them: `*`, `?`, `[a-z]`, `[^a-z]`, `\` before a byte that
// stands for itself. A pattern is taken apart once and matched without recursion: of several stars only the last one
// met has to be tried again, and what follows the very last one is the end of the text. So the work is at most the product
// of two lengths (of the text, and of what stands between two stars), and usually their sum.

const ANY_BYTE = 256;
const STAR = 257;
/** From here on: the number of a set of bytes. */
const FIRST_SET = 258;

const CODE_STAR = 0x2a;
const CODE_QUESTION = 0x3f;
const CODE_OPEN = 0x5b;
const CODE_CLOSE = 0x5d;
const CODE_BACKSLASH = 0x5c;
const CODE_CARET = 0x5e;
const CODE_DASH = 0x2d;

/** Longer patterns are refused: taken apart, a pattern needs up to thirty times its own memory. */
export const PATTERN_BYTES_MAX = 65_536;

/** A pattern that is too long: the caller's mistake. */
export class GlobPatternError extends Error {
  override readonly name = 'GlobPatternError';
  readonly code = 'PATTERN_TOO_LONG';
}

/** A set of bytes is a bitmap. */
const SET_BYTES = 32;

/** One pattern, ready to be matched. */
export class GlobPattern {
  /** The pattern is `*` alone: it matches everything, the empty text too. */
  readonly matchesAll: boolean;
  readonly #elements: number[] = [];
  /** The bitmaps of all `[...]`, one after the other. */
  readonly #sets: Uint8Array;
  #setCount = 0;
  /** Bytes that the elements from each position on need at least. */
  readonly #needs: Int32Array;
  readonly #ignoreCase: boolean;
  readonly #lastStar: number;

  /**
   * The pattern lies in `bytes[start, end)`; it is copied. Any bytes are a pattern, at most {@link PATTERN_BYTES_MAX} of
   * them: throws {@link GlobPatternError} beyond.
   */
  constructor(
    bytes: Uint8Array,
    start = 0,
    end: number = bytes.length,
    options: { readonly ignoreCase?: boolean } = {},
  ) {
    if (end - start > PATTERN_BYTES_MAX) {
      throw new GlobPatternError(`a pattern has at most ${PATTERN_BYTES_MAX} bytes`);
    }
    this.#ignoreCase = options.ignoreCase ?? false;
    let setsMax = 0;
    for (let i = start; i < end; i++) if (bytes[i] === CODE_OPEN) setsMax++;
    this.#sets = new Uint8Array(setsMax * SET_BYTES);
    this.matchesAll = end - start === 1 && bytes[start] === CODE_STAR;
    this.#parse(bytes, start, end);
    this.#lastStar = this.#elements.lastIndexOf(STAR);
    this.#needs = new Int32Array(this.#elements.length + 1);
    for (let i = this.#elements.length - 1; i >= 0; i--) {
      this.#needs[i] = this.#needs[i + 1] + (this.#elements[i] === STAR ? 0 : 1);
    }
  }

  /** Whether `bytes[start, end)` matches as a whole. */
  matches(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    const elements = this.#elements;
    // As the real server has it: of all patterns that could, only `*` alone matches the empty text.
    if (start === end) return elements.length === 0 || this.matchesAll;
    let at = 0;
    let text = start;
    let retryAt = -1;
    let retryText = 0;
    for (;;) {
      if (at < elements.length && elements[at] === STAR) {
        at++;
        if (at === elements.length) return true;
        if (at > this.#lastStar) {
          // What follows the last star is of one length: it can only be the end of the text.
          if (end - text < this.#needs[at]) return false;
          text = end - this.#needs[at];
          retryAt = -1;
        } else {
          retryAt = at;
          retryText = text;
        }
        continue;
      }
      if (text < end && at < elements.length && this.#accepts(elements[at], bytes[text])) {
        at++;
        text++;
        continue;
      }
      if (text === end && at === elements.length) return true;
      // A mismatch: the last star takes one byte more, as long as enough are left for what follows it.
      if (retryAt < 0) return false;
      retryText++;
      if (end - retryText < this.#needs[retryAt]) return false;
      at = retryAt;
      text = retryText;
    }
  }

  #accepts(element: number, byte: number): boolean {
    if (element === ANY_BYTE) return true;
    if (element >= FIRST_SET) {
      const place = (element - FIRST_SET) * SET_BYTES + (byte >> 3);
      return (this.#sets[place] & (1 << (byte & 7))) !== 0;
    }
    return element === (this.#ignoreCase ? lower(byte) : byte);
  }

  #parse(bytes: Uint8Array, start: number, end: number): void {
    const elements = this.#elements;
    for (let i = start; i < end; i++) {
      const byte = bytes[i];
      if (byte === CODE_STAR) {
        if (elements[elements.length - 1] !== STAR) elements.push(STAR);
      } else if (byte === CODE_QUESTION) {
        elements.push(ANY_BYTE);
      } else if (byte === CODE_OPEN) {
        i = this.#parseSet(bytes, i + 1, end);
      } else {
        // A backslash at the very end stands for itself.
        if (byte === CODE_BACKSLASH && i + 1 < end) i++;
        elements.push(this.#ignoreCase ? lower(bytes[i]) : bytes[i]);
      }
    }
  }

  /** Reads a set from behind its `[`; returns the place of its `]`, or the last byte where that is missing. */
  #parseSet(bytes: Uint8Array, start: number, end: number): number {
    const at = this.#setCount++ * SET_BYTES;
    const set = this.#sets.subarray(at, at + SET_BYTES);
    this.#elements.push(FIRST_SET + at / SET_BYTES);
    let i = start;
    const negated = i < end && bytes[i] === CODE_CARET;
    if (negated) i++;
    for (; i < end && bytes[i] !== CODE_CLOSE; i++) {
      if (bytes[i] === CODE_BACKSLASH && i + 1 < end) {
        // An escaped byte is taken as it is, even where case is ignored.
        i++;
        add(set, bytes[i]);
      } else if (i + 2 < end && bytes[i + 1] === CODE_DASH) {
        this.#addRange(set, bytes[i], bytes[i + 2]);
        i += 2;
      } else {
        this.#addRange(set, bytes[i], bytes[i]);
      }
    }
    if (negated) for (let k = 0; k < SET_BYTES; k++) set[k] ^= 0xff;
    return i < end ? i : end - 1;
  }

  /** Either end may be the lower one. Where case is ignored, the ends count in lower case, and so do the bytes. */
  #addRange(set: Uint8Array, from: number, to: number): void {
    let low = Math.min(from, to);
    let high = Math.max(from, to);
    if (this.#ignoreCase) {
      low = lower(low);
      high = lower(high);
      for (let byte = 0x41; byte <= 0x5a; byte++) {
        if (lower(byte) >= low && lower(byte) <= high) add(set, byte);
      }
    }
    for (let byte = low; byte <= high; byte++) {
      if (!this.#ignoreCase || lower(byte) === byte) add(set, byte);
    }
  }
}

function add(set: Uint8Array, byte: number): void {
  set[byte >> 3] |= 1 << (byte & 7);
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}
