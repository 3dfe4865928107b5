// Hot path: per command written. The end of the replication stream, as a list of blocks: it is the backlog, from which
// a replica that was away is served, and the output of every replica that is behind. Written once for all of them.
//
// A block is only ever written behind what has been handed out, never over it. So views of it may be given to sockets,
// which keep them for as long as they need: nothing is copied for a replica, and a block's memory is freed when the log
// and the last socket have let go of it.
//
// Offsets count bytes from 1, as the protocol does: the byte with offset n is the n-th of the history.

import { assert } from '@slotmesh/machine';
import { BLOCK_BYTES_MAX, BLOCK_BYTES_MIN } from './limits.ts';

/** Up to this many bytes a loop is faster than a call that sets up a copy. */
const LOOP_BYTES_MAX = 48;
/** Blocks dropped from the front of the list before it is moved. */
const DROPPED_BLOCKS_MAX = 64;

class Block {
  readonly bytes: Uint8Array;
  /** The offset of its first byte. */
  readonly first: number;
  used = 0;

  constructor(size: number, first: number) {
    this.bytes = new Uint8Array(size);
    this.first = first;
  }
}

/** Keeps at least the last `sizeBytes` of the stream, and what lies from `heldFrom` on. */
export class StreamLog {
  /** repl-backlog-size. */
  sizeBytes: number;
  /** The first offset that some replica has not been sent yet; infinite if there is none. */
  heldFrom: number = Number.POSITIVE_INFINITY;
  /** The offset of the last byte. */
  end: number;
  #blocks: Block[] = [];
  #dropped = 0;
  #tail: Block;

  /** An empty log; the next byte will have the offset `end + 1`. */
  constructor(sizeBytes: number, end: number) {
    this.sizeBytes = sizeBytes;
    this.end = end;
    this.#tail = new Block(0, end + 1);
    this.#blocks.push(this.#tail);
  }

  /** The offset of the first byte that is kept; `end + 1` if there is none. */
  get first(): number {
    return this.#blocks[this.#dropped].first;
  }

  /** How many bytes are kept. */
  get length(): number {
    return this.end - this.first + 1;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const tail = this.#tail;
    const room = tail.bytes.length - tail.used;
    if (length > room) {
      if (room > 0) this.#write(bytes, start, start + room);
      this.#grow(length - room);
      start += room;
    }
    this.#write(bytes, start, end);
  }

  #write(bytes: Uint8Array, start: number, end: number): void {
    const tail = this.#tail;
    let at = tail.used;
    if (end - start <= LOOP_BYTES_MAX) {
      const to = tail.bytes;
      for (let i = start; i < end; i++) to[at++] = bytes[i];
    } else {
      tail.bytes.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at);
      at += end - start;
    }
    tail.used = at;
    this.end += end - start;
  }

  /**
   * Room for `length` bytes in one piece, to be written from `writeAt` on in `writeTo`, and added by `commit`.
   */
  reserve(length: number): void {
    const tail = this.#tail;
    if (tail.bytes.length - tail.used < length) this.#grow(length);
  }

  get writeTo(): Uint8Array {
    return this.#tail.bytes;
  }

  get writeAt(): number {
    return this.#tail.used;
  }

  commit(length: number): void {
    this.#tail.used += length;
    this.end += length;
  }

  /** Bytes from `offset` on, as many as lie in one piece, at most `limit`; none at the end of the log. */
  read(offset: number, limit: number): Uint8Array {
    assert(offset >= this.first && offset <= this.end + 1, `offset ${offset} is not in the log`);
    const block = offset >= this.#tail.first ? this.#tail : this.#blockAt(offset);
    const at = offset - block.first;
    return block.bytes.subarray(at, Math.min(block.used, at + limit));
  }

  /** Drops the blocks that nobody needs. */
  trim(): void {
    const blocks = this.#blocks;
    const keepFrom = Math.min(this.heldFrom, this.end - this.sizeBytes + 1);
    let first = this.#dropped;
    while (first < blocks.length - 1 && blocks[first].first + blocks[first].used <= keepFrom) {
      first++;
    }
    this.#dropped = first;
    if (first >= DROPPED_BLOCKS_MAX && 2 * first >= blocks.length) {
      this.#blocks = blocks.slice(first);
      this.#dropped = 0;
    }
  }

  #grow(length: number): void {
    const size = Math.min(Math.max(2 * this.#tail.bytes.length, BLOCK_BYTES_MIN), BLOCK_BYTES_MAX);
    this.#tail = new Block(Math.max(size, length), this.end + 1);
    this.#blocks.push(this.#tail);
    this.trim();
  }

  #blockAt(offset: number): Block {
    const blocks = this.#blocks;
    let low = this.#dropped;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (blocks[middle].first <= offset) low = middle;
      else high = middle - 1;
    }
    return blocks[low];
  }

  /** Stops with an AssertionError where the blocks do not make one stream. */
  invariants(): void {
    const blocks = this.#blocks;
    for (let i = this.#dropped; i < blocks.length; i++) {
      const { first, used, bytes } = blocks[i];
      const next = i + 1 < blocks.length ? blocks[i + 1].first : this.end + 1;
      assert(used <= bytes.length, 'a block has more bytes than room');
      assert(first + used === next, `the log has a gap before offset ${next}`);
    }
    assert(this.heldFrom >= this.first, `offset ${this.heldFrom} is still to be sent and gone`);
  }
}
