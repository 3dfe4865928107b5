// Hot path: per chunk. Where the decoders' bytes come from: the chunk itself while whole units lie in it, and a buffer
// of our own (the carry) for a unit that a chunk's end has cut. A unit is what is read in one piece: a command, or one
// element of a reply.
//
// Only the cut unit is ever copied. The carry takes from the next chunk as many bytes as the unit is known to need, or
// a small block where that is not known yet, and what it took too much is given back to the chunk.

const NOTHING = new Uint8Array(0);
/** Bytes copied at once while the length of the unit is unknown: a few headers' worth. */
const BLOCK_BYTES = 512;
/** Memory that grows by more than this must have been earned by as many bytes received. */
const TRUSTED_BYTES = 16 * 1024;
/** A carry up to this size is kept for the next cut unit. */
const KEPT_BYTES = 16 * 1024;

/** The input of a decoder. Between `push` and `more` the fields may be read and `at` may be moved by the decoder. */
export class Feed {
  /** The memory being read: a chunk, or the carry. */
  bytes: Uint8Array = NOTHING;
  /** Where reading goes on. */
  at = 0;
  /** The end of what has been received in `bytes`. */
  end = 0;
  /** Whether `bytes` is the carry. */
  carried = false;
  /** While the carry is read: the chunk that it is filled from, and how much of it is used up. */
  private chunk: Uint8Array = NOTHING;
  private chunkAt = 0;
  private carry: Uint8Array = NOTHING;

  /** Adds a chunk, which must stay unchanged until all of it has been read. */
  push(chunk: Uint8Array): void {
    if (this.carried) {
      // A decoder goes on until it needs more, so all of the chunk before is in the carry.
      this.chunk = chunk;
      this.chunkAt = 0;
    } else {
      this.bytes = this.at === this.end ? chunk : join(this.bytes.subarray(this.at), chunk);
      this.at = 0;
      this.end = this.bytes.length;
    }
  }

  /** Bytes received and not yet read as part of a whole unit that starts at `unit`. */
  buffered(unit: number): number {
    return this.end - unit + (this.carried ? this.chunk.length - this.chunkAt : 0);
  }

  /**
   * Gets more of the unit that starts at `unit` and is cut at `end`. `wanted` is where in `bytes` it is known to end,
   * or 0. True if `bytes` and `end` have grown. Either way every position in `bytes` from before has moved down by
   * `unit`, and the decoder moves its own.
   */
  more(unit: number, wanted: number): boolean {
    if (!this.carried) {
      if (unit < this.end) this.stash(unit, wanted);
      else this.release();
      return false;
    }
    const available = this.chunk.length - this.chunkAt;
    if (available === 0) return false;
    const size = Math.min(available, wanted > this.end ? wanted - this.end : BLOCK_BYTES);
    this.reserve(this.end + size, wanted);
    this.carry.set(this.chunk.subarray(this.chunkAt, this.chunkAt + size), this.end);
    this.chunkAt += size;
    this.end += size;
    return true;
  }

  /** The unit ended at `at`: leaves the carry, if that was being read, for the rest of the chunk. */
  settle(): void {
    if (!this.carried) return;
    // The unit was still cut before the last block came, so what is left over is of this chunk.
    const over = this.end - this.at;
    this.bytes = this.chunk;
    this.at = this.chunkAt - over;
    this.end = this.chunk.length;
    this.carried = false;
    this.chunk = NOTHING;
    if (this.carry.length > KEPT_BYTES) this.carry = NOTHING;
  }

  /** Lets go of a chunk that has been read to its end. */
  release(): void {
    this.bytes = NOTHING;
    this.at = 0;
    this.end = 0;
  }

  /** Leaves the carry's memory to whoever was given a view of it. */
  giveAwayCarry(): void {
    this.carry = NOTHING;
  }

  private stash(unit: number, wanted: number): void {
    const size = this.end - unit;
    const cut = this.bytes.subarray(unit, this.end);
    this.end = 0;
    this.reserve(size, wanted - unit);
    this.carry.set(cut);
    this.bytes = this.carry;
    this.at -= unit;
    this.end = size;
    this.carried = true;
    this.chunkAt = 0;
  }

  /** Makes room for `size` bytes, and for up to `wanted` as far as what has arrived makes that credible. */
  private reserve(size: number, wanted: number): void {
    if (this.carry.length >= size) return;
    const doubled = Math.max(TRUSTED_BYTES, 2 * size);
    const grown = new Uint8Array(Math.max(size, wanted > 0 ? Math.min(wanted, doubled) : 2 * size));
    grown.set(this.carry.subarray(0, this.end));
    this.carry = grown;
    if (this.carried) this.bytes = grown;
  }
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}
