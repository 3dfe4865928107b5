// Hot path: per cluster-bus packet. A set of hash slots as the cluster bus and the topology carry it: 2048 bytes, slot
// n in bit n & 7 of byte n >> 3 (the layout of a bus header's `myslots`).
//
// A set never changes, so that thousands of nodes' views can share one and most comparisons end at the reference.
// Results that are equal to an operand are that operand, and the empty and the full set are single objects, for the
// same reason.

import { SlotRangeError } from './errors.ts';
import { SLOT_COUNT } from './key-slot.ts';

/** Neighbouring slots, both ends included. */
export interface SlotRange {
  readonly start: number;
  readonly end: number;
}

const BYTES = SLOT_COUNT / 8;
const WORDS = BYTES / 4;

/** A set of hash slots that never changes. */
export class SlotSet implements Iterable<number> {
  /** The set of no slot. */
  static readonly EMPTY: SlotSet = new SlotSet(new Int32Array(WORDS));
  /** The set of all 16384 slots. */
  static readonly ALL: SlotSet = new SlotSet(new Int32Array(WORDS).fill(-1));

  /** The 2048 bytes as on the bus; shared, not to be written to. */
  readonly bitmap: Uint8Array;
  /** The same memory in words; what order their bytes have matters to no use that is made of them. */
  private readonly words: Int32Array;
  private knownCount = -1;
  private knownFirst = -1;
  private knownLow = -1;
  private knownHigh = -1;

  private constructor(words: Int32Array) {
    this.words = words;
    this.bitmap = new Uint8Array(words.buffer, words.byteOffset, BYTES);
  }

  /** The set of the slots given. @throws SlotRangeError `SLOT_OUT_OF_RANGE` */
  static of(...slots: number[]): SlotSet {
    return SlotSet.from(slots);
  }

  /** The set of the slots given, in any order, repeated or not. @throws SlotRangeError `SLOT_OUT_OF_RANGE` */
  static from(slots: Iterable<number>): SlotSet {
    if (slots instanceof SlotSet) return slots;
    const set = new SlotSet(new Int32Array(WORDS));
    for (const slot of slots) {
      checkSlot(slot);
      set.bitmap[slot >> 3] |= 1 << (slot & 7);
    }
    return canonical(set);
  }

  /** The union of the ranges given. @throws SlotRangeError `SLOT_OUT_OF_RANGE`, `SLOT_RANGE_REVERSED` */
  static fromRanges(ranges: Iterable<SlotRange>): SlotSet {
    const set = new SlotSet(new Int32Array(WORDS));
    for (const { start, end } of ranges) addRange(set.bitmap, start, end);
    return canonical(set);
  }

  /**
   * A copy of the 2048 bytes of a bitmap at `offset`; what follows them is not looked at.
   * @throws SlotRangeError `SLOT_BITMAP_TOO_SHORT`
   */
  static fromBitmap(bytes: Uint8Array, offset = 0): SlotSet {
    checkBitmap(bytes, offset);
    const set = new SlotSet(new Int32Array(WORDS));
    set.bitmap.set(bytes.subarray(offset, offset + BYTES));
    return canonical(set);
  }

  /**
   * Reads what {@link toString} writes: slots and ranges with white space between, in any order, overlapping or not.
   * Empty text is the empty set.
   * @throws SlotRangeError `SLOT_SYNTAX`, `SLOT_OUT_OF_RANGE`, `SLOT_RANGE_REVERSED`
   */
  static parse(text: string): SlotSet {
    const set = new SlotSet(new Int32Array(WORDS));
    for (const token of text.split(/\s+/)) {
      if (token === '') continue;
      const match = /^(\d+)(?:-(\d+))?$/.exec(token);
      if (match === null) {
        throw new SlotRangeError(
          'SLOT_SYNTAX',
          `'${token}' is neither a slot nor a range of slots`,
        );
      }
      const start = Number(match[1]);
      addRange(set.bitmap, start, match[2] === undefined ? start : Number(match[2]));
    }
    return canonical(set);
  }

  /** How many slots are in the set; counted on first use. */
  get count(): number {
    if (this.knownCount < 0) {
      let count = 0;
      for (const word of this.words) count += bitCount(word);
      this.knownCount = count;
    }
    return this.knownCount;
  }

  /** The lowest slot of the set, 16384 where it is empty; looked for on first use. */
  get first(): number {
    if (this.knownFirst < 0) this.knownFirst = this.next(0, true);
    return this.knownFirst;
  }

  /**
   * All slots lie in the words from here on, and before {@link high}. The sixteen slots of one of a thousand nodes are a
   * word or two, and most questions about two sets end there.
   */
  private get low(): number {
    if (this.knownLow < 0) {
      let low = 0;
      while (low < WORDS && this.words[low] === 0) low++;
      this.knownLow = low;
    }
    return this.knownLow;
  }

  private get high(): number {
    if (this.knownHigh < 0) {
      let high = WORDS;
      while (high > 0 && this.words[high - 1] === 0) high--;
      this.knownHigh = high;
    }
    return this.knownHigh;
  }

  /** Whether `slot` is in the set; false outside 0 to 16383. */
  has(slot: number): boolean {
    return slot >= 0 && slot < SLOT_COUNT && (this.bitmap[slot >> 3] & (1 << (slot & 7))) !== 0;
  }

  equals(other: SlotSet): boolean {
    if (this === other) return true;
    const { words, knownCount } = this;
    // Where both were counted the counts of different sets nearly always differ.
    if (knownCount !== other.knownCount && knownCount >= 0 && other.knownCount >= 0) return false;
    const theirs = other.words;
    for (let i = 0; i < WORDS; i++) if (words[i] !== theirs[i]) return false;
    return true;
  }

  /**
   * Whether the 2048 bytes at `offset` are this set's, so that an unchanged claim need not be copied to be known.
   * @throws SlotRangeError `SLOT_BITMAP_TOO_SHORT`
   */
  equalsBitmap(bytes: Uint8Array, offset = 0): boolean {
    checkBitmap(bytes, offset);
    // A packet lies in memory at any address, where only a DataView reads four bytes at once.
    const ours = new DataView(this.bitmap.buffer, this.bitmap.byteOffset, BYTES);
    const theirs = new DataView(bytes.buffer, bytes.byteOffset + offset, BYTES);
    for (let i = 0; i < BYTES; i += 4) {
      if (ours.getInt32(i, true) !== theirs.getInt32(i, true)) return false;
    }
    return true;
  }

  /** Whether every slot of `other` is in this set. */
  includes(other: SlotSet): boolean {
    if (this === other || other === SlotSet.EMPTY) return true;
    const { words } = this;
    const theirs = other.words;
    const { low, high } = other;
    for (let i = low; i < high; i++) if ((theirs[i] & ~words[i]) !== 0) return false;
    return true;
  }

  /** Whether some slot is in both sets. */
  intersects(other: SlotSet): boolean {
    if (this === SlotSet.EMPTY || other === SlotSet.EMPTY) return false;
    const { words } = this;
    const theirs = other.words;
    const low = Math.max(this.low, other.low);
    const high = Math.min(this.high, other.high);
    for (let i = low; i < high; i++) if ((words[i] & theirs[i]) !== 0) return true;
    return false;
  }

  union(other: SlotSet): SlotSet {
    if (this.includes(other)) return this;
    if (other.includes(this)) return other;
    const result = this.words.slice();
    const theirs = other.words;
    for (let i = 0; i < WORDS; i++) result[i] |= theirs[i];
    return canonical(new SlotSet(result));
  }

  intersection(other: SlotSet): SlotSet {
    if (!this.intersects(other)) return SlotSet.EMPTY;
    if (other.includes(this)) return this;
    if (this.includes(other)) return other;
    const result = this.words.slice();
    const theirs = other.words;
    for (let i = 0; i < WORDS; i++) result[i] &= theirs[i];
    return canonical(new SlotSet(result));
  }

  /** The slots of this set that are not in `other`. */
  difference(other: SlotSet): SlotSet {
    if (!this.intersects(other)) return this;
    if (other.includes(this)) return SlotSet.EMPTY;
    const result = this.words.slice();
    const theirs = other.words;
    for (let i = 0; i < WORDS; i++) result[i] &= ~theirs[i];
    return canonical(new SlotSet(result));
  }

  /** This set and `slot`. @throws SlotRangeError `SLOT_OUT_OF_RANGE` */
  with(slot: number): SlotSet {
    checkSlot(slot);
    if (this.has(slot)) return this;
    const result = new SlotSet(this.words.slice());
    result.bitmap[slot >> 3] |= 1 << (slot & 7);
    return canonical(result);
  }

  /** This set but `slot`. @throws SlotRangeError `SLOT_OUT_OF_RANGE` */
  without(slot: number): SlotSet {
    checkSlot(slot);
    if (!this.has(slot)) return this;
    const result = new SlotSet(this.words.slice());
    result.bitmap[slot >> 3] &= ~(1 << (slot & 7));
    return canonical(result);
  }

  /** The set as the fewest ranges, in order. */
  ranges(): SlotRange[] {
    const ranges: SlotRange[] = [];
    let slot = this.next(0, true);
    while (slot < SLOT_COUNT) {
      const after = this.next(slot, false);
      ranges.push({ start: slot, end: after - 1 });
      slot = this.next(after, true);
    }
    return ranges;
  }

  /** The set as text, such as `0-5460 10923`: what {@link parse} reads, empty for the empty set. */
  toString(): string {
    return this.ranges()
      .map(({ start, end }) => (start === end ? `${start}` : `${start}-${end}`))
      .join(' ');
  }

  /** The slots in order. */
  [Symbol.iterator](): Iterator<number> {
    return new SlotIterator(this.bitmap, this.low * 4, this.high * 4);
  }

  /** The first slot from `slot` on that is in the set, or is not; 16384 where there is none. */
  private next(slot: number, member: boolean): number {
    const { bitmap, words } = this;
    const flip = member ? 0 : -1;
    let index = slot >> 3;
    if (index >= BYTES) return SLOT_COUNT;
    let bits = (bitmap[index] ^ (flip & 0xff)) & (0xff << (slot & 7));
    while (bits === 0) {
      index++;
      // Most of a set is nothing, or everything, and is passed over word by word.
      if ((index & 3) === 0) while (words[index >> 2] === flip) index += 4;
      if (index === BYTES) return SLOT_COUNT;
      bits = bitmap[index] ^ (flip & 0xff);
    }
    return index * 8 + 31 - Math.clz32(bits & -bits);
  }
}

/** The slots of some bytes of a bitmap. A generator would make an object for each slot; this one is compiled away. */
class SlotIterator implements Iterator<number> {
  private readonly bitmap: Uint8Array;
  private readonly end: number;
  private index: number;
  /** What is still to come of the byte at the index. */
  private bits = 0;

  constructor(bitmap: Uint8Array, start: number, end: number) {
    this.bitmap = bitmap;
    this.index = start - 1;
    this.end = end;
  }

  next(): IteratorResult<number, undefined> {
    while (this.bits === 0) {
      if (this.index + 1 >= this.end) return { value: undefined, done: true };
      this.bits = this.bitmap[++this.index];
    }
    const lowest = this.bits & -this.bits;
    this.bits ^= lowest;
    return { value: this.index * 8 + 31 - Math.clz32(lowest), done: false };
  }
}

/** The set itself, or the shared object of the empty or the full one. */
function canonical(set: SlotSet): SlotSet {
  if (SlotSet.EMPTY.equals(set)) return SlotSet.EMPTY;
  return SlotSet.ALL.equals(set) ? SlotSet.ALL : set;
}

function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function checkSlot(slot: number): void {
  if (!Number.isInteger(slot) || slot < 0 || slot >= SLOT_COUNT) {
    throw new SlotRangeError('SLOT_OUT_OF_RANGE', `slot ${slot} is not between 0 and 16383`);
  }
}

function checkBitmap(bytes: Uint8Array, offset: number): void {
  if (offset < 0 || bytes.length - offset < BYTES) {
    throw new SlotRangeError(
      'SLOT_BITMAP_TOO_SHORT',
      `a slot bitmap has ${BYTES} bytes, and only ${bytes.length} are there, from ${offset} on`,
    );
  }
}

function addRange(bitmap: Uint8Array, start: number, end: number): void {
  checkSlot(start);
  checkSlot(end);
  if (end < start) {
    throw new SlotRangeError(
      'SLOT_RANGE_REVERSED',
      `the range ${start}-${end} ends before it starts`,
    );
  }
  for (let slot = start; slot <= end; slot++) bitmap[slot >> 3] |= 1 << (slot & 7);
}
