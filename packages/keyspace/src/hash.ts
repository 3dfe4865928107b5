// Hot path: runs once per key of every command; bench in bench/keyspace.bench.ts.
//
// HalfSipHash-1-3 over a byte range (Aumasson and Bernstein's SipHash in its 32-bit form). Keyed, so that a client who
// cannot know the key cannot find keys that fall into one bucket.

/** Up to here a loop copies faster than a call does. */
const SHORT = 48;

/** Two 32-bit words that a client cannot guess. */
export interface HashKey {
  readonly low: number;
  readonly high: number;
}

/** A 32-bit hash (signed) of `bytes[start, end)`. */
export function hashBytes(key: HashKey, bytes: Uint8Array, start: number, end: number): number {
  let v0 = key.low | 0;
  let v1 = key.high | 0;
  let v2 = 0x6c796765 ^ v0;
  let v3 = 0x74656462 ^ v1;
  const length = end - start;
  const wordsEnd = start + (length & ~3);
  for (let i = start; i <= wordsEnd; i += 4) {
    let word: number;
    if (i < wordsEnd) {
      word = bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    } else {
      // The last word holds the bytes that are left and the length.
      word = length << 24;
      for (let j = wordsEnd; j < end; j++) word |= bytes[j] << ((j - wordsEnd) << 3);
    }
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
  v2 ^= 0xff;
  for (let round = 0; round < 3; round++) {
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
  }
  return v1 ^ v3;
}

/**
 * A copy of the range in memory of its own. Not `slice`: what comes from a socket is often a Node.js Buffer, whose
 * `slice` shares the memory.
 */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  if (copy.length <= SHORT) for (let i = start; i < end; i++) copy[i - start] = bytes[i];
  else copy.set(bytes.subarray(start, end));
  return copy;
}

/** Whether `stored` holds exactly the bytes of the range. */
export function sameBytes(
  stored: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (stored.length !== end - start) return false;
  for (let i = start; i < end; i++) if (stored[i - start] !== bytes[i]) return false;
  return true;
}
