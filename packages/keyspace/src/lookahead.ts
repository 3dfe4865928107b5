// Hot path: fetches from memory what look-ups of several keys will need; bench in bench/keyspace.bench.ts.
//
// In a large database a look-up waits twice for memory: for the cell of the index, and for the entry that it names. One
// after the other that takes longer than the command. So the cells of a batch of keys are read in one loop, and then
// their entries in another. These loops do nothing else: the fewer instructions lie between two reads, the more of them
// the processor has under way at once.

import type { Arena } from './arena.ts';
import type { KeyProbe } from './hash.ts';
import { SEGMENT_UNITS, UNIT_BITS, UNIT_MASK, UNIT_WORDS } from './size-classes.ts';
import type { SlotIndex } from './slot-index.ts';

/** Keys of one batch: as many as a processor can have under way, and some more. */
const KEYS_MAX = 64;
/** Words of a line of the processor's cache. */
const LINE_WORDS = 16;
const SEGMENT_WORDS: number = SEGMENT_UNITS * UNIT_WORDS;

export class Lookahead {
  #count = 0;
  /** What was read. Nobody looks at it, but a compiler may leave out reads that have no effect. */
  seen = 0;
  readonly #arena: Arena;
  readonly #index: SlotIndex;
  readonly #hashes: Int32Array = new Int32Array(KEYS_MAX);
  readonly #pages: Int32Array = new Int32Array(KEYS_MAX);
  readonly #cells: Int32Array = new Int32Array(KEYS_MAX);
  readonly #refs: Int32Array = new Int32Array(KEYS_MAX);

  constructor(arena: Arena, index: SlotIndex) {
    this.#arena = arena;
    this.#index = index;
  }

  get isFull(): boolean {
    return this.#count === KEYS_MAX;
  }

  /** The key that the probe has read will be looked up. There must be room for it. */
  add(slot: number, probe: KeyProbe): void {
    const at = this.#count;
    const index = this.#index;
    if (index.counts[slot] === 0) return;
    index.aim(slot, probe.hash);
    if (index.page === 0) return;
    this.#hashes[at] = probe.hash;
    this.#pages[at] = index.page;
    this.#cells[at] = index.cell;
    this.#count = at + 1;
  }

  fetch(): void {
    const count = this.#count;
    this.#count = 0;
    if (count < 2) return;
    const { words } = this.#arena;
    const pages = this.#pages;
    const cells = this.#cells;
    const refs = this.#refs;
    let seen = 0;
    for (let i = 0; i < count; i++) seen ^= words[pages[i] >>> UNIT_BITS][cells[i]];
    for (let i = 0; i < count; i++) {
      refs[i] = this.#index.refFrom(pages[i], cells[i], this.#hashes[i]);
    }
    // What a reference of 0 leads to is there as well.
    for (let i = 0; i < count; i++) {
      seen ^= words[refs[i] >>> UNIT_BITS][(refs[i] & UNIT_MASK) * UNIT_WORDS];
    }
    for (let i = 0; i < count; i++) {
      const next = (refs[i] & UNIT_MASK) * UNIT_WORDS + LINE_WORDS;
      seen ^= words[refs[i] >>> UNIT_BITS][next & (SEGMENT_WORDS - 1)];
    }
    this.seen = seen;
  }

  /** Fetches the entries that the cells in `cells[from, end)` name. */
  fetchEntries(cells: Int32Array, from: number, end: number): void {
    const { words } = this.#arena;
    let seen = 0;
    for (let at = from + 1; at < end; at += 2) {
      const ref = cells[at];
      seen ^= words[ref >>> UNIT_BITS][(ref & UNIT_MASK) * UNIT_WORDS];
    }
    for (let at = from + 1; at < end; at += 2) {
      const ref = cells[at];
      const next = (ref & UNIT_MASK) * UNIT_WORDS + LINE_WORDS;
      seen ^= words[ref >>> UNIT_BITS][next & (SEGMENT_WORDS - 1)];
    }
    this.seen = seen;
  }
}
