// Hot path: reads and writes entries in their blocks (layout.ts); bench in bench/keyspace.bench.ts.

import type { AccessClock } from './access-clock.ts';
import type { Arena } from './arena.ts';
import { ExpiryHeap, HEAP_ENTRY_BYTES } from './expiry-heap.ts';
import { copyBytes, type KeyProbe, sameBytes, viewOf, writeBytes, writeWords } from './hash.ts';
import { type DetachedValue, NO_EXPIRY } from './keyspace.ts';
import {
  ACCESS_SHIFT,
  HEADER_WORDS,
  KEY_LENGTH_MAX,
  KEY_LENGTH_SHIFT,
  KIND_MASK,
  KIND_SHIFT,
  LARGE,
  SHAPE_MASK,
  SHAPE_SHIFT,
  SLOT_MASK,
  TIMED,
  VALUE_LENGTH_MASK,
  WIDE,
} from './layout.ts';
import { OutsideTable } from './outside.ts';
import { CELL_BYTES } from './page.ts';
import { BLOCK_UNITS_MAX, UNIT_BITS, UNIT_BYTES, UNIT_MASK, UNIT_WORDS } from './size-classes.ts';
import type { Structure } from './structure.ts';
import { ValueKind } from './value-kind.ts';

const WORD_BYTES = 4;
const NO_BYTES: Uint8Array = new Uint8Array(0);
const UNPLACED = -1;
/** Converts a double to two words and back. */
const double: Float64Array = new Float64Array(1);
const halves: Int32Array = new Int32Array(double.buffer);
/** By the number of bytes that count in a word. */
const TAIL_MASKS: Int32Array = Int32Array.of(0, 0xff, 0xffff, 0xffffff);

export class Entries {
  /** What `open` read: the value lies in `bytes[valueStart, valueEnd)`; a structure has no bytes. */
  bytes: Uint8Array = NO_BYTES;
  /** The same memory; null for what lies outside of the block. */
  view: DataView | null = null;
  valueStart = 0;
  valueEnd = 0;
  kind: ValueKind = ValueKind.string;
  expireAtMs: number = NO_EXPIRY;
  /** Access data, as {@link AccessClock} reads them. */
  access = 0;
  /** What `openKey` read: the key lies in `keyBytes[keyStart, keyEnd)`. */
  keyBytes: Uint8Array = NO_BYTES;
  keyStart = 0;
  keyEnd = 0;

  readonly heap: ExpiryHeap;
  /** Entries in the heap, by slot, and those of slots that were dropped. */
  readonly expiring: Uint32Array;
  droppedExpiring = 0;
  /** Large values, structures and long keys. */
  readonly outside: OutsideTable = new OutsideTable();
  readonly #arena: Arena;
  readonly #clock: AccessClock;
  /** Where a value came from last: many come out of one buffer, and a view costs more than to copy a short one. */
  #source: Uint8Array = NO_BYTES;
  #sourceView: DataView = viewOf(NO_BYTES);

  constructor(slotCount: number, arena: Arena, clock: AccessClock) {
    this.#arena = arena;
    this.#clock = clock;
    const expiring = new Uint32Array(slotCount);
    this.expiring = expiring;
    this.heap = new ExpiryHeap((ref, place) => {
      const words = arena.words[ref >>> UNIT_BITS];
      const at = (ref & UNIT_MASK) * UNIT_WORDS;
      const timed = at + timedWord(words[at]) + 2;
      // One of the two is -1: the entry comes or goes.
      if ((words[timed] ^ place) < 0) expiring[words[at] & SLOT_MASK] += place < 0 ? -1 : 1;
      words[timed] = place;
    });
  }

  // ---- reading -------------------------------------------------------------------------------------------------

  matches(ref: number, probe: KeyProbe): boolean {
    const words = this.#arena.words[ref >>> UNIT_BITS];
    let at = (ref & UNIT_MASK) * UNIT_WORDS;
    const head = words[at];
    if ((head & LARGE) !== 0) return this.#matchesLarge(ref, probe);
    const { length } = probe;
    if (head >>> KEY_LENGTH_SHIFT !== length) return false;
    at += HEADER_WORDS[(head & SHAPE_MASK) >> SHAPE_SHIFT];
    const key = probe.words;
    const whole = length >> 2;
    for (let i = 0; i < whole; i++) if (words[at + i] !== key[i]) return false;
    const tail = length & 3;
    return tail === 0 || ((words[at + whole] ^ key[whole]) & TAIL_MASKS[tail]) === 0;
  }

  #matchesLarge(ref: number, probe: KeyProbe): boolean {
    this.openKey(ref);
    const { keyBytes, keyStart } = this;
    if (this.keyEnd - keyStart !== probe.length) return false;
    return sameBytes(keyBytes, keyStart, probe.bytes, probe.start, probe.start + probe.length);
  }

  /** Finds out what the value is and where it lies, when the entry expires and when it was used. */
  open(ref: number): void {
    const segment = ref >>> UNIT_BITS;
    const words = this.#arena.words[segment];
    const at = (ref & UNIT_MASK) * UNIT_WORDS;
    const head = words[at];
    const size = words[at + 1];
    const valueLength = (head & WIDE) !== 0 ? words[at + 2] : size & VALUE_LENGTH_MASK;
    const body = at + HEADER_WORDS[(head & SHAPE_MASK) >> SHAPE_SHIFT];
    if ((head & LARGE) !== 0) {
      this.bytes = this.outside.at(words[body - 1]).value;
      this.view = null;
      this.valueStart = 0;
    } else {
      this.bytes = this.#arena.bytes[segment];
      this.view = this.#arena.views[segment];
      this.valueStart = body * WORD_BYTES + (head >>> KEY_LENGTH_SHIFT);
    }
    this.valueEnd = this.valueStart + valueLength;
    this.kind = ((head & KIND_MASK) >> KIND_SHIFT) as ValueKind;
    this.access = size >>> ACCESS_SHIFT;
    this.expireAtMs = (head & TIMED) === 0 ? NO_EXPIRY : timeAt(words, at + timedWord(head));
  }

  /** Finds out where the key lies. */
  openKey(ref: number): void {
    const segment = ref >>> UNIT_BITS;
    const words = this.#arena.words[segment];
    const at = (ref & UNIT_MASK) * UNIT_WORDS;
    const head = words[at];
    const body = at + HEADER_WORDS[(head & SHAPE_MASK) >> SHAPE_SHIFT];
    const long = (head & LARGE) === 0 ? NO_BYTES : this.outside.at(words[body - 1]).key;
    const isLong = long.length > 0;
    this.keyBytes = isLong ? long : this.#arena.bytes[segment];
    this.keyStart = isLong ? 0 : body * WORD_BYTES;
    this.keyEnd = this.keyStart + (isLong ? long.length : head >>> KEY_LENGTH_SHIFT);
  }

  isLarge(ref: number): boolean {
    return (this.#headOf(ref) & LARGE) !== 0;
  }

  structureOf(ref: number): Structure | null {
    return this.isLarge(ref) ? this.outside.at(this.#outsideNumber(ref)).structure : null;
  }

  slotOf(ref: number): number {
    return this.#headOf(ref) & SLOT_MASK;
  }

  kindOf(ref: number): number {
    return (this.#headOf(ref) & KIND_MASK) >> KIND_SHIFT;
  }

  expireAtMsOf(ref: number): number {
    const words = this.#arena.words[ref >>> UNIT_BITS];
    const at = (ref & UNIT_MASK) * UNIT_WORDS;
    return (words[at] & TIMED) === 0 ? NO_EXPIRY : timeAt(words, at + timedWord(words[at]));
  }

  accessOf(ref: number): number {
    return this.#arena.words[ref >>> UNIT_BITS][accessWord(ref)] >>> ACCESS_SHIFT;
  }

  /** How good it is to evict an entry: by its idle time, or by how seldom it is used. */
  evictionScore(ref: number, byFrequency: boolean): number {
    const access = this.accessOf(ref);
    return byFrequency ? 255 - this.#clock.frequency(access) : this.#clock.idleMs(access);
  }

  /** Bytes that an entry costs, with its place in the index. */
  memoryOf(ref: number): number {
    const head = this.#headOf(ref);
    let bytes = this.#arena.unitsAt(ref) * UNIT_BYTES + CELL_BYTES;
    if ((head & LARGE) !== 0) bytes += this.outside.at(this.#outsideNumber(ref)).heldBytes;
    if (this.expireAtMsOf(ref) !== NO_EXPIRY) bytes += HEAP_ENTRY_BYTES;
    return bytes;
  }

  // ---- writing -------------------------------------------------------------------------------------------------

  touch(ref: number): void {
    const words = this.#arena.words[ref >>> UNIT_BITS];
    const at = accessWord(ref);
    const access = words[at] >>> ACCESS_SHIFT;
    const touched = this.#clock.touched(access);
    if (touched !== access) {
      words[at] = (touched << ACCESS_SHIFT) | (words[at] & VALUE_LENGTH_MASK);
    }
  }

  setAccess(ref: number, access: number): void {
    const words = this.#arena.words[ref >>> UNIT_BITS];
    const at = accessWord(ref);
    words[at] = (access << ACCESS_SHIFT) | (words[at] & VALUE_LENGTH_MASK);
  }

  /**
   * Writes an entry with the probe's key, in the block of the one that it takes the place of, `old` (0 = none), where
   * that fits, else in a new one. Returns where it lies now. The value may lie in the entries' own memory; where it is
   * shorter than `valueLength`, what follows it is undefined.
   */
  write(
    old: number,
    kind: number,
    slot: number,
    probe: KeyProbe,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
    valueLength: number,
    expireAtMs: number,
  ): number {
    const keyLength = probe.length;
    let shape = valueLength > VALUE_LENGTH_MASK ? WIDE : 0;
    if (expireAtMs !== NO_EXPIRY) shape |= TIMED;
    const header = HEADER_WORDS[shape >> SHAPE_SHIFT];
    const units = unitsOf(header * WORD_BYTES + keyLength + valueLength);
    if (units > BLOCK_UNITS_MAX || keyLength > KEY_LENGTH_MAX) {
      const buffer = new Uint8Array(valueLength);
      writeBytes(buffer, 0, value, valueStart, valueEnd);
      return this.writeLarge(old, kind, slot, probe, buffer, valueLength, null, expireAtMs);
    }
    const keepsAccess = old !== 0 && this.#clock.countsAccesses;
    const access = keepsAccess ? this.accessOf(old) : this.#clock.fresh();
    const place = old === 0 ? UNPLACED : this.#placeFor(old, expireAtMs);
    const isInPlace =
      old !== 0 && (this.#headOf(old) & LARGE) === 0 && this.#arena.fits(old, units);
    const ref = isInPlace ? old : this.#arena.allocate(units);
    const segment = ref >>> UNIT_BITS;
    const words = this.#arena.words[segment];
    const bytes = this.#arena.bytes[segment];
    const at = (ref & UNIT_MASK) * UNIT_WORDS;
    let source = value;
    let from = valueStart;
    if (isInPlace && value === bytes) {
      // The header or the value itself could be written over what is still to be read.
      source = value.slice(valueStart, valueEnd);
      from = 0;
    }
    words[at] = slot | (kind << KIND_SHIFT) | shape | (keyLength << KEY_LENGTH_SHIFT);
    words[at + 1] = ((shape & WIDE) === 0 ? valueLength : 0) | (access << ACCESS_SHIFT);
    if ((shape & WIDE) !== 0) words[at + 2] = valueLength;
    if ((shape & TIMED) !== 0) {
      double[0] = expireAtMs;
      const timed = at + timedWord(shape);
      words[timed] = halves[0];
      words[timed + 1] = halves[1];
      words[timed + 2] = place;
    }
    const body = at + header;
    const key = probe.words;
    for (let i = 0; i < keyLength; i += 4) words[body + (i >> 2)] = key[i >> 2];
    const to = body * WORD_BYTES + keyLength;
    const view = source === probe.bytes ? probe.view : this.#viewOf(source);
    const end = from + valueEnd - valueStart;
    writeWords(bytes, this.#arena.views[segment], to, source, view, from, end);
    this.#schedule(ref, place, expireAtMs);
    if (old !== 0 && !isInPlace) this.#drop(old);
    return ref;
  }

  /**
   * As {@link write}, for what lies outside of the block: the first `valueLength` bytes of `value`, or a structure. They
   * become the entry's own, without a copy.
   */
  writeLarge(
    old: number,
    kind: number,
    slot: number,
    probe: KeyProbe,
    value: Uint8Array,
    valueLength: number,
    structure: Structure | null,
    expireAtMs: number,
  ): number {
    const isLong = probe.length > KEY_LENGTH_MAX;
    const keyLength = isLong ? 0 : probe.length;
    const keysEnd = probe.start + probe.length;
    const longKey = isLong ? copyBytes(probe.bytes, probe.start, keysEnd) : NO_BYTES;
    // With room for an expiry in any case: to give it one later must not make a new entry of it.
    const shape = LARGE | WIDE | TIMED;
    const header = HEADER_WORDS[shape >> SHAPE_SHIFT];
    const ref = this.#arena.allocate(unitsOf(header * WORD_BYTES + keyLength));
    const number = this.outside.add(value, longKey, structure);
    const keepsAccess = old !== 0 && this.#clock.countsAccesses;
    const access = keepsAccess ? this.accessOf(old) : this.#clock.fresh();
    const place = old === 0 ? UNPLACED : this.#placeFor(old, expireAtMs);
    const words = this.#arena.words[ref >>> UNIT_BITS];
    const at = (ref & UNIT_MASK) * UNIT_WORDS;
    words[at] = slot | (kind << KIND_SHIFT) | shape | (keyLength << KEY_LENGTH_SHIFT);
    words[at + 1] = access << ACCESS_SHIFT;
    words[at + 2] = valueLength;
    double[0] = expireAtMs;
    words[at + 3] = halves[0];
    words[at + 4] = halves[1];
    words[at + 5] = place;
    const body = at + header;
    words[body - 1] = number;
    for (let i = 0; i < keyLength; i += 4) words[body + (i >> 2)] = probe.words[i >> 2];
    this.#schedule(ref, place, expireAtMs);
    if (old !== 0) this.#drop(old);
    return ref;
  }

  /** Sets or clears the expiry; false where the entry has no room for one and has to be written anew. */
  setExpiry(ref: number, expireAtMs: number): boolean {
    const words = this.#arena.words[ref >>> UNIT_BITS];
    const at = (ref & UNIT_MASK) * UNIT_WORDS;
    if ((words[at] & TIMED) === 0) return expireAtMs === NO_EXPIRY;
    const timed = at + timedWord(words[at]);
    const place = words[timed + 2];
    if (expireAtMs === NO_EXPIRY) {
      if (place !== UNPLACED) this.heap.remove(place);
      return true;
    }
    double[0] = expireAtMs;
    words[timed] = halves[0];
    words[timed + 1] = halves[1];
    if (place === UNPLACED) this.heap.add(ref, expireAtMs);
    else this.heap.change(place, expireAtMs);
    return true;
  }

  /**
   * Makes the value of a LARGE entry `length` bytes long, new ones zero; false where the entry is or would be a small one,
   * or would hold far more memory than it needs, so that it has to be written anew.
   */
  resizeLarge(ref: number, length: number): boolean {
    const words = this.#arena.words[ref >>> UNIT_BITS];
    const at = (ref & UNIT_MASK) * UNIT_WORDS;
    if ((words[at] & LARGE) === 0 || length < BLOCK_UNITS_MAX * UNIT_BYTES) return false;
    const outside = this.outside.at(this.#outsideNumber(ref));
    const { value } = outside;
    if (value.length > 4 * length) return false;
    const oldLength = words[at + 2];
    if (length > value.length) {
      const larger = new Uint8Array(length + Math.min(length >> 1, SLACK_MAX));
      larger.set(value.subarray(0, oldLength));
      this.outside.replaceValue(outside, larger);
    } else if (length > oldLength) value.fill(0, oldLength, length);
    words[at + 2] = length;
    return true;
  }

  /**
   * Takes the value out of an entry that is about to be released: what lies outside goes as it is, what lies in the
   * block is copied.
   */
  detach(ref: number): DetachedValue {
    this.open(ref);
    const { kind, expireAtMs, access, bytes, valueStart, valueEnd } = this;
    const length = valueEnd - valueStart;
    if (!this.isLarge(ref)) {
      const copy = copyBytes(bytes, valueStart, valueEnd);
      return { kind, expireAtMs, access, bytes: copy, length, structure: null };
    }
    const { value, structure } = this.outside.surrender(this.#outsideNumber(ref));
    return { kind, expireAtMs, access, bytes: value, length, structure };
  }

  /** As {@link write}, for a value that comes from another entry, which is gone. */
  attach(old: number, slot: number, probe: KeyProbe, detached: DetachedValue): number {
    const { kind, bytes, length, structure, expireAtMs, access } = detached;
    const isLarge = structure !== null || length > BLOCK_UNITS_MAX * UNIT_BYTES;
    const ref = isLarge
      ? this.writeLarge(old, kind, slot, probe, bytes, length, structure, expireAtMs)
      : this.write(old, kind, slot, probe, bytes, 0, length, length, expireAtMs);
    const words = this.#arena.words[ref >>> UNIT_BITS];
    const at = accessWord(ref);
    words[at] = (access << ACCESS_SHIFT) | (words[at] & VALUE_LENGTH_MASK);
    return ref;
  }

  /** Gives back all that an entry holds. */
  release(ref: number): void {
    const words = this.#arena.words[ref >>> UNIT_BITS];
    const at = (ref & UNIT_MASK) * UNIT_WORDS;
    if ((words[at] & TIMED) !== 0) {
      const place = words[at + timedWord(words[at]) + 2];
      if (place !== UNPLACED) this.heap.remove(place);
    }
    this.#drop(ref);
  }

  /** The entries of a slot are gone for everybody; {@link releaseDropped} is still to be called for each. */
  dropSlot(slot: number): void {
    this.droppedExpiring += this.expiring[slot];
    this.expiring[slot] = 0;
  }

  releaseDropped(ref: number): void {
    this.unscheduleDropped(ref);
    this.#drop(ref);
  }

  /** Takes an entry of a slot that was dropped out of the heap. */
  unscheduleDropped(ref: number): void {
    const words = this.#arena.words[ref >>> UNIT_BITS];
    const at = (ref & UNIT_MASK) * UNIT_WORDS;
    if ((words[at] & TIMED) === 0) return;
    const place = words[at + timedWord(words[at]) + 2];
    if (place === UNPLACED) return;
    // The heap takes it off the slot's count, where it is no more.
    this.expiring[words[at] & SLOT_MASK]++;
    this.droppedExpiring--;
    this.heap.remove(place);
  }

  /** Moves an entry to another block of its class; returns where it lies now. */
  move(ref: number): number {
    const to = this.#arena.allocate(this.#arena.unitsAt(ref));
    const words = this.#arena.words[ref >>> UNIT_BITS];
    const at = (ref & UNIT_MASK) * UNIT_WORDS;
    const target = this.#arena.words[to >>> UNIT_BITS];
    const targetAt = (to & UNIT_MASK) * UNIT_WORDS;
    const end = at + this.#arena.unitsAt(ref) * UNIT_WORDS;
    for (let i = at, j = targetAt; i < end; i++, j++) target[j] = words[i];
    if ((words[at] & TIMED) !== 0) {
      const place = words[at + timedWord(words[at]) + 2];
      if (place !== UNPLACED) this.heap.relocate(place, to);
    }
    this.#arena.free(ref);
    return to;
  }

  // ---- parts ---------------------------------------------------------------------------------------------------

  #viewOf(source: Uint8Array): DataView {
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceView = viewOf(source);
    }
    return this.#sourceView;
  }

  #headOf(ref: number): number {
    return this.#arena.words[ref >>> UNIT_BITS][(ref & UNIT_MASK) * UNIT_WORDS];
  }

  /** The place in the heap that the entry's successor takes over. */
  #placeFor(old: number, expireAtMs: number): number {
    const words = this.#arena.words[old >>> UNIT_BITS];
    const at = (old & UNIT_MASK) * UNIT_WORDS;
    if ((words[at] & TIMED) === 0) return UNPLACED;
    const place = words[at + timedWord(words[at]) + 2];
    if (place === UNPLACED || expireAtMs !== NO_EXPIRY) return place;
    this.heap.remove(place);
    return UNPLACED;
  }

  /** Puts an entry just written into the heap, at the place of the one before it if that had one. */
  #schedule(ref: number, place: number, expireAtMs: number): void {
    if (place !== UNPLACED) {
      this.heap.relocate(place, ref);
      this.heap.change(place, expireAtMs);
    } else if (expireAtMs !== NO_EXPIRY) this.heap.add(ref, expireAtMs);
  }

  /** Of a LARGE entry. */
  #outsideNumber(ref: number): number {
    const words = this.#arena.words[ref >>> UNIT_BITS];
    const at = (ref & UNIT_MASK) * UNIT_WORDS;
    return words[at + HEADER_WORDS[(words[at] & SHAPE_MASK) >> SHAPE_SHIFT] - 1];
  }

  #drop(ref: number): void {
    if (this.isLarge(ref)) this.outside.drop(this.#outsideNumber(ref));
    this.#arena.free(ref);
  }
}

/** A large value that grows gets half of its length more, up to this: appending must not copy all of it each time. */
const SLACK_MAX: number = 16 * 1024 * 1024;

function unitsOf(bytes: number): number {
  return (bytes + UNIT_BYTES - 1) >>> 3;
}

function accessWord(ref: number): number {
  return (ref & UNIT_MASK) * UNIT_WORDS + 1;
}

/** Where the expiry lies behind the begin of an entry. */
function timedWord(head: number): number {
  return (head & WIDE) !== 0 ? 3 : 2;
}

function timeAt(words: Int32Array, timed: number): number {
  if (words[timed + 2] === UNPLACED) return NO_EXPIRY;
  halves[0] = words[timed];
  halves[1] = words[timed + 1];
  return double[0];
}
