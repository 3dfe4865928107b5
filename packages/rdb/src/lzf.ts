// Hot path: per string. LZF, in which RDB files compress strings: runs of literals and references to what was there up
// to 8192 bytes before.
//
// A control byte below 32 says that so many literals and one more follow. Above, its three high bits are the length of a
// reference less two (seven: a further byte is added), its five low bits and the next byte the distance less one.

/** Bits of the hash of three bytes. Fewer find less, more are not in the processor's cache. */
const HASH_BITS = 13;
const DISTANCE_MAX = 1 << 13;
const LENGTH_MAX = 7 + 255 + 2;
const LITERALS_MAX = 32;
/** Three bytes are the shortest reference to the longest run: nothing unpacks to more than this times its length. */
export const EXPANSION_MAX: number = LENGTH_MAX / 3;
/** Stamps are 32-bit integers; the table is cleared before they run out. */
const STAMP_MAX = 2 ** 30;

/** Compresses strings, one after the other, with one table. */
export class LzfCompressor {
  /** Where three bytes of that hash were seen last, counted over all strings: what came before `#stamp` is stale. */
  readonly #seen: Int32Array = new Int32Array(1 << HASH_BITS);
  #stamp = 0;

  /**
   * Compresses `from[start, end)` into `to` from `at` on and returns where it ends; 0 where it does not fit before
   * `limit`, and then what is there has no meaning.
   */
  compress(
    from: Uint8Array,
    start: number,
    end: number,
    to: Uint8Array,
    at: number,
    limit: number,
  ): number {
    const seen = this.#seen;
    const length = end - start;
    if (length > STAMP_MAX - this.#stamp) {
      seen.fill(0);
      this.#stamp = 0;
      if (length > STAMP_MAX) return 0;
    }
    /** Entries of this string are above it; position p has `base + p`. */
    const stamp = this.#stamp;
    const base = stamp + 1 - start;
    this.#stamp = stamp + length;

    const lastTriple = end - 3;
    let out = at + 1; // the control byte of the literals
    let literals = 0;
    let i = start;
    while (i <= lastTriple) {
      const triple = (from[i] << 16) | (from[i + 1] << 8) | from[i + 2];
      const hash = Math.imul(triple, 0x9e3779b1) >>> (32 - HASH_BITS);
      const entry = seen[hash];
      seen[hash] = base + i;
      const there = entry - base;
      const distance = i - there;
      if (
        entry <= stamp ||
        distance > DISTANCE_MAX ||
        from[there] !== from[i] ||
        from[there + 1] !== from[i + 1] ||
        from[there + 2] !== from[i + 2]
      ) {
        if (out >= limit) return 0;
        to[out++] = from[i++];
        if (++literals === LITERALS_MAX) {
          to[out - literals - 1] = literals - 1;
          literals = 0;
          out++;
        }
        continue;
      }
      const most = Math.min(end - i, LENGTH_MAX);
      let same = 3;
      while (same < most && from[there + same] === from[i + same]) same++;

      if (literals > 0) to[out - literals - 1] = literals - 1;
      else out--;
      literals = 0;
      if (out + 3 > limit) return 0;
      const high = (distance - 1) >> 8;
      if (same < 9) to[out++] = ((same - 2) << 5) | high;
      else {
        to[out++] = (7 << 5) | high;
        to[out++] = same - 9;
      }
      to[out++] = distance - 1;
      out++;
      // The end of what was skipped is remembered, so that runs and repetitions chain up.
      i += same;
      if (i <= lastTriple) this.#remember(from, i - 2, base);
      if (i <= lastTriple) this.#remember(from, i - 1, base);
    }
    for (; i < end; i++) {
      if (out >= limit) return 0;
      to[out++] = from[i];
      if (++literals === LITERALS_MAX) {
        to[out - literals - 1] = literals - 1;
        literals = 0;
        out++;
      }
    }
    if (literals > 0) to[out - literals - 1] = literals - 1;
    else out--;
    return out <= limit ? out : 0;
  }

  #remember(from: Uint8Array, i: number, base: number): void {
    const triple = (from[i] << 16) | (from[i + 1] << 8) | from[i + 2];
    this.#seen[Math.imul(triple, 0x9e3779b1) >>> (32 - HASH_BITS)] = base + i;
  }
}

/**
 * Unpacks `from[start, end)`, which must fill `to[at, toEnd)` exactly, all of it unless told otherwise; false where it does
 * not, or refers to what is not there.
 */
export function lzfDecompress(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at = 0,
  toEnd: number = to.length,
): boolean {
  let i = start;
  let out = at;
  while (i < end) {
    const control = from[i++];
    if (control < LITERALS_MAX) {
      const stop = i + control + 1;
      if (stop > end || out + control + 1 > toEnd) return false;
      while (i < stop) to[out++] = from[i++];
      continue;
    }
    let length = control >> 5;
    if (length === 7) {
      if (i >= end) return false;
      length += from[i++];
    }
    if (i >= end) return false;
    let there = out - (((control & 0x1f) << 8) | from[i++]) - 1;
    const stop = out + length + 2;
    if (there < at || stop > toEnd) return false;
    while (out < stop) to[out++] = to[there++];
  }
  return out === toEnd;
}
