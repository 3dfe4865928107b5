// Hot path: runs once per key of every command; bench in bench/keyspace.bench.ts.
//
// HalfSipHash-1-3 over a byte range (Aumasson and Bernstein's SipHash in its 32-bit form). Keyed, so that a client who
// cannot know the key cannot find keys that fall into one place.

/** Up to here a loop over bytes copies faster than a call does. */
const SHORT = 48;
/** Up to here a loop over words does. */
const SHORT_BY_WORDS = 160;

/** Two 32-bit words that a client cannot guess. */
export interface HashKey {
  readonly low: number;
  readonly high: number;
}

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** The same memory, for whoever reads or writes words in it that are not aligned. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Words of the longest key that a probe keeps as words. */
export const PROBE_WORDS = 512;

/** The key that is being looked for: its hash, and its bytes as words, as entries hold them. */
export class KeyProbe {
  /** 32 bits, signed. */
  hash = 0;
  length = 0;
  /** The key as little-endian words, its last bytes filled up with zeros; only of keys up to four times its length. */
  readonly words: Int32Array = new Int32Array(PROBE_WORDS);
  /** Where the key lies. */
  bytes: Uint8Array = NO_BYTES;
  view: DataView = viewOf(NO_BYTES);
  start = 0;
  readonly #low: number;
  readonly #high: number;

  constructor(key: HashKey) {
    this.#low = key.low | 0;
    this.#high = key.high | 0;
  }

  /** Looks at the key in `bytes[start, end)`. Keys that are read one after the other often lie in the same memory. */
  read(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = viewOf(bytes);
    }
    const { words, view } = this;
    let v0 = this.#low;
    let v1 = this.#high;
    let v2 = 0x6c796765 ^ v0;
    let v3 = 0x74656462 ^ v1;
    const length = end - start;
    const wordsEnd = start + (length & ~3);
    let at = 0;
    for (let i = start; i < wordsEnd; i += 4) {
      const word = view.getInt32(i, true);
      // A longer key writes over its begin: nobody reads its words.
      words[at++ & (PROBE_WORDS - 1)] = word;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    let tail = 0;
    for (let i = wordsEnd; i < end; i++) tail |= bytes[i] << ((i - wordsEnd) << 3);
    if (wordsEnd < end) words[at & (PROBE_WORDS - 1)] = tail;
    // The last word holds the bytes that are left and the length.
    tail |= length << 24;
    v3 ^= tail;
    for (let round = 0; round < 4; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      if (round === 0) {
        v0 ^= tail;
        v2 ^= 0xff;
      }
    }
    this.start = start;
    this.length = length;
    this.hash = v1 ^ v3;
  }
}

/**
 * A copy of the range in memory of its own. Not `slice`: what comes from a socket is often a Node.js Buffer, whose
 * `slice` shares the memory.
 */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  writeBytes(copy, 0, bytes, start, end);
  return copy;
}

/** Copies `bytes[start, end)` to `target[at...]`. Where both are the same memory, the ranges must not overlap. */
export function writeBytes(
  target: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  if (end - start > SHORT) target.set(bytes.subarray(start, end), at);
  else for (let i = start, to = at; i < end; i++, to++) target[to] = bytes[i];
}

/** The same with views of both memories at hand, which is faster for most values. */
export function writeWords(
  target: Uint8Array,
  targetView: DataView,
  at: number,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
): void {
  if (end - start > SHORT_BY_WORDS) {
    target.set(bytes.subarray(start, end), at);
    return;
  }
  let from = start;
  let to = at;
  for (; from + 8 <= end; from += 8, to += 8) {
    targetView.setInt32(to, view.getInt32(from, true), true);
    targetView.setInt32(to + 4, view.getInt32(from + 4, true), true);
  }
  for (; from < end; from++, to++) target[to] = bytes[from];
}

/** Whether `stored[at...]` holds exactly the bytes of the range. */
export function sameBytes(
  stored: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  for (let i = start, j = at; i < end; i++, j++) if (stored[j] !== bytes[i]) return false;
  return true;
}
