// Hot path: per chunk. Where a reader's bytes come from: the chunk itself while whole items lie in it, and memory of our
// own (the carry) for an item that a chunk's end has cut. Only the cut item is copied, and once: the carry takes from the
// next chunk what the item is known to need, or a small block, and what was too much is given back.

const NOTHING = new Uint8Array(0);
/** Bytes that are taken at once while nobody knows how many are needed: a few lengths. */
const BLOCK_BYTES = 512;
/** Memory that is made ahead of the bytes that are to fill it, whatever they were announced to be. */
const TRUSTED_BYTES = 64 * 1024;
/** A carry up to this size is kept for the next cut item. */
const KEPT_BYTES = 64 * 1024;

export class Feed {
  /** The memory that is read, where reading goes on, and where what has arrived ends. */
  bytes: Uint8Array = NOTHING;
  at = 0;
  end = 0;
  /** Offset in the whole input of the first of `bytes`. */
  base = 0;
  #carry: Uint8Array = NOTHING;
  #isCarried = false;
  /** While the carry is read: the chunk that it is filled from. */
  #chunk: Uint8Array = NOTHING;
  #chunkAt = 0;

  /** Adds a chunk. What is left of the one before is copied in front of it: readers had better read it first. */
  push(chunk: Uint8Array): void {
    if (this.#isCarried) {
      const left = this.#chunk.subarray(this.#chunkAt);
      this.#chunk = left.length === 0 ? chunk : join(left, chunk);
      this.#chunkAt = 0;
      return;
    }
    const left = this.bytes.subarray(this.at, this.end);
    this.base += this.at;
    this.bytes = left.length === 0 ? chunk : join(left, chunk);
    this.at = 0;
    this.end = this.bytes.length;
  }

  /** Bytes that arrived and were not read. */
  get left(): number {
    return this.end - this.at + this.#chunk.length - this.#chunkAt;
  }

  /** A copy of them. */
  rest(): Uint8Array {
    const own = this.bytes.subarray(this.at, this.end);
    return join(own, this.#chunk.subarray(this.#chunkAt));
  }

  /**
   * Gets more of the item at `at`, which is known to reach to `wanted` at least. True if there is more. Everything in
   * `bytes` has moved then, or even if there is not: what was at `at` is at `this.at`.
   */
  more(wanted: number): boolean {
    if (!this.#isCarried) {
      if (this.at < this.end) this.#stash(wanted);
      else this.#letGo();
      return false;
    }
    const available = this.#chunk.length - this.#chunkAt;
    if (available === 0) return false;
    const size = Math.min(available, wanted > this.end ? wanted - this.end : BLOCK_BYTES);
    this.#reserve(this.end + size, wanted);
    this.#carry.set(this.#chunk.subarray(this.#chunkAt, this.#chunkAt + size), this.end);
    this.#chunkAt += size;
    this.end += size;
    return true;
  }

  /** An item ended at `at`: goes on in the chunk, if the carry was read. */
  settle(at: number): void {
    this.at = at;
    if (!this.#isCarried) return;
    // Before the last block came the item was cut, so what is left over is of this chunk.
    const over = this.end - at;
    this.base += this.end - this.#chunkAt;
    this.bytes = this.#chunk;
    this.at = this.#chunkAt - over;
    this.end = this.#chunk.length;
    this.#isCarried = false;
    this.#chunk = NOTHING;
    this.#chunkAt = 0;
    if (this.#carry.length > KEPT_BYTES) this.#carry = NOTHING;
  }

  #stash(wanted: number): void {
    const cut = this.bytes.subarray(this.at, this.end);
    this.base += this.at;
    this.#reserve(cut.length, wanted - this.at);
    this.#carry.set(cut);
    this.bytes = this.#carry;
    this.at = 0;
    this.end = cut.length;
    this.#isCarried = true;
  }

  #letGo(): void {
    this.base += this.at;
    this.bytes = NOTHING;
    this.at = 0;
    this.end = 0;
  }

  /** Makes room for `size` bytes, and for up to `wanted` as far as what has arrived makes that credible. */
  #reserve(size: number, wanted: number): void {
    if (this.#carry.length >= size) return;
    const credible = Math.max(TRUSTED_BYTES, 2 * size);
    const grown = new Uint8Array(Math.max(size, Math.min(wanted, credible), BLOCK_BYTES));
    if (this.#isCarried) grown.set(this.bytes.subarray(0, this.end));
    this.#carry = grown;
    if (this.#isCarried) this.bytes = grown;
  }
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}
