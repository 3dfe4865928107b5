// Hot path: memory for entries and index pages, off the JavaScript heap; bench in bench/keyspace.bench.ts.
//
// Memory comes in segments of 256 KiB. A segment serves blocks of one size class and keeps its freed ones in a list that
// runs through them, so a freed block is the next one handed out. A segment that falls empty goes back as a whole.
// A reference is a number of 32 bits: the segment above, the block's first unit below. 0 is none.

import { SegmentMemory } from './segment-memory.ts';
import {
  CLASS_CAPACITY,
  CLASS_COUNT,
  CLASS_OF_UNITS,
  CLASS_UNITS,
  SEGMENT_BYTES,
  UNIT_BITS,
  UNIT_BYTES,
  UNIT_MASK,
  UNIT_WORDS,
} from './size-classes.ts';

const NO_SEGMENT = -1;
const NO_UNIT = -1;
/** 2^17 segments of 256 KiB: 32 GiB of small entries in one database. */
const SEGMENTS_MAX: number = 2 ** (32 - UNIT_BITS);
/** Blocks up to this size, index pages among them, lie in memory that V8 does not count. */
const SMALL_UNITS_MAX = 1024;
const NO_WORDS: Int32Array = new Int32Array(0);
const NO_BYTES: Uint8Array = new Uint8Array(0);
const NO_VIEW: DataView = new DataView(NO_BYTES.buffer);

/** The first word of a free block; the kinds of used ones are other numbers. */
export const FREE_HEAD = 0;

export class ArenaFullError extends Error {
  readonly code = 'ARENA_FULL';
  constructor() {
    super(`a database holds at most ${SEGMENTS_MAX} segments of ${SEGMENT_BYTES} bytes`);
    this.name = 'ArenaFullError';
  }
}

export class Arena {
  /** By segment number: the same memory as words, as bytes, and as words that are not aligned. */
  readonly words: Int32Array[] = [];
  readonly bytes: Uint8Array[] = [];
  readonly views: DataView[] = [];
  /** Bytes of the blocks in use, as rounded up. */
  usedBytes = 0;

  #retired = NO_SEGMENT;
  readonly #memory: SegmentMemory = new SegmentMemory();
  readonly #freeNumbers: number[] = [];
  /** By segment: class, blocks in use, first freed unit, first unit never used, neighbours among those with room. */
  #class: Int32Array = new Int32Array(16);
  #used: Int32Array = new Int32Array(16);
  #freed: Int32Array = new Int32Array(16);
  #fresh: Int32Array = new Int32Array(16);
  #next: Int32Array = new Int32Array(16);
  #previous: Int32Array = new Int32Array(16);
  /** By class: the first segment with room, how many segments and how many blocks in use there are. */
  readonly #roomy: Int32Array = new Int32Array(CLASS_COUNT).fill(NO_SEGMENT);
  readonly #segmentsOf: Int32Array = new Int32Array(CLASS_COUNT);
  readonly #usedOf: Float64Array = new Float64Array(CLASS_COUNT);

  /** Bytes of all segments, the spare ones included. */
  get heldBytes(): number {
    return this.#memory.heldBytes;
  }

  /** Nobody refers to the arena any more. */
  drop(): void {
    this.#memory.drop();
  }

  /** A block of at least `units`, its content undefined. */
  allocate(units: number): number {
    const sizeClass = CLASS_OF_UNITS[units];
    let segment = this.#roomy[sizeClass];
    if (segment === NO_SEGMENT) segment = this.#open(sizeClass);
    const size = CLASS_UNITS[sizeClass];
    let unit = this.#freed[segment];
    if (unit === NO_UNIT) {
      unit = this.#fresh[segment];
      this.#fresh[segment] = unit + size;
    } else {
      this.#freed[segment] = this.words[segment][unit * UNIT_WORDS + 1];
    }
    if (++this.#used[segment] === this.#capacity(segment)) this.#unlink(segment);
    this.#usedOf[sizeClass]++;
    this.usedBytes += size * UNIT_BYTES;
    return (segment << UNIT_BITS) | unit;
  }

  free(ref: number): void {
    const segment = ref >>> UNIT_BITS;
    const unit = ref & UNIT_MASK;
    const words = this.words[segment];
    words[unit * UNIT_WORDS] = FREE_HEAD;
    words[unit * UNIT_WORDS + 1] = this.#freed[segment];
    this.#freed[segment] = unit;
    const sizeClass = this.#class[segment];
    this.#usedOf[sizeClass]--;
    this.usedBytes -= CLASS_UNITS[sizeClass] * UNIT_BYTES;
    const used = this.#used[segment]--;
    if (segment !== this.#retired && used === this.#capacity(segment)) this.#link(segment);
    if (used === 1) this.#close(segment);
  }

  /** Units of the block behind a reference, as rounded up. */
  unitsAt(ref: number): number {
    return CLASS_UNITS[this.#class[ref >>> UNIT_BITS]];
  }

  /** Whether the block behind a reference is what a request for `units` would get. */
  fits(ref: number, units: number): boolean {
    return this.#class[ref >>> UNIT_BITS] === CLASS_OF_UNITS[units];
  }

  // ---- for compaction ------------------------------------------------------------------------------------------

  get segmentCount(): number {
    return this.words.length;
  }

  isOpen(segment: number): boolean {
    return this.words[segment] !== NO_WORDS;
  }

  /** Blocks that lie free in the segments of one segment's class, beyond those of the segment itself. */
  freeBeside(segment: number): number {
    const sizeClass = this.#class[segment];
    const capacity = CLASS_CAPACITY[sizeClass];
    const free = this.#segmentsOf[sizeClass] * capacity - this.#usedOf[sizeClass];
    return free - (capacity - this.#used[segment]);
  }

  /** One above the last unit of a segment that was ever part of a block. */
  freshIn(segment: number): number {
    return this.#fresh[segment];
  }

  blockUnits(segment: number): number {
    return CLASS_UNITS[this.#class[segment]];
  }

  usedIn(segment: number): number {
    return this.#used[segment];
  }

  capacityOf(segment: number): number {
    return CLASS_CAPACITY[this.#class[segment]];
  }

  /** The segment that hands out no blocks, only takes them back, until it is empty; -1 = none. */
  get retired(): number {
    return this.#retired;
  }

  /** Retires a segment; there must be no other. */
  retire(segment: number): void {
    if (this.#used[segment] < this.#capacity(segment)) this.#unlink(segment);
    this.#retired = segment;
  }

  // ---- segments ------------------------------------------------------------------------------------------------

  #open(sizeClass: number): number {
    const segment = this.#freeNumbers.pop() ?? this.#newNumber();
    const words = this.#memory.take(CLASS_UNITS[sizeClass] <= SMALL_UNITS_MAX);
    this.words[segment] = words;
    this.bytes[segment] = new Uint8Array(words.buffer);
    this.views[segment] = new DataView(words.buffer);
    this.#class[segment] = sizeClass;
    this.#freed[segment] = NO_UNIT;
    // No block may have the reference 0: it looks free for good.
    if (segment === 0) words[0] = FREE_HEAD;
    this.#fresh[segment] = segment === 0 ? CLASS_UNITS[sizeClass] : 0;
    this.#used[segment] = 0;
    this.#segmentsOf[sizeClass]++;
    this.#link(segment);
    return segment;
  }

  #close(segment: number): void {
    if (segment === this.#retired) this.#retired = NO_SEGMENT;
    else this.#unlink(segment);
    const sizeClass = this.#class[segment];
    this.#segmentsOf[sizeClass]--;
    this.#memory.give(this.words[segment], CLASS_UNITS[sizeClass] <= SMALL_UNITS_MAX);
    this.words[segment] = NO_WORDS;
    this.bytes[segment] = NO_BYTES;
    this.views[segment] = NO_VIEW;
    this.#freeNumbers.push(segment);
  }

  /** Segment 0 never hands out its first block. */
  #capacity(segment: number): number {
    const capacity = CLASS_CAPACITY[this.#class[segment]];
    return segment === 0 ? capacity - 1 : capacity;
  }

  #newNumber(): number {
    const segment = this.words.length;
    if (segment === SEGMENTS_MAX) throw new ArenaFullError();
    if (segment === this.#class.length) {
      this.#class = doubled(this.#class);
      this.#used = doubled(this.#used);
      this.#freed = doubled(this.#freed);
      this.#fresh = doubled(this.#fresh);
      this.#next = doubled(this.#next);
      this.#previous = doubled(this.#previous);
    }
    this.words.push(NO_WORDS);
    this.bytes.push(NO_BYTES);
    this.views.push(NO_VIEW);
    return segment;
  }

  #link(segment: number): void {
    const sizeClass = this.#class[segment];
    const head = this.#roomy[sizeClass];
    this.#next[segment] = head;
    this.#previous[segment] = NO_SEGMENT;
    if (head !== NO_SEGMENT) this.#previous[head] = segment;
    this.#roomy[sizeClass] = segment;
  }

  #unlink(segment: number): void {
    const next = this.#next[segment];
    const previous = this.#previous[segment];
    if (next !== NO_SEGMENT) this.#previous[next] = previous;
    if (previous !== NO_SEGMENT) this.#next[previous] = next;
    else this.#roomy[this.#class[segment]] = next;
  }
}

function doubled(column: Int32Array): Int32Array {
  const larger = new Int32Array(column.length * 2);
  larger.set(column);
  return larger;
}
