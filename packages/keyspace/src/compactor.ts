// Compaction: where deletions have left segments half empty, their blocks move into free places of the other segments of
// their class, a few at a time, until a segment is empty and goes back.

import type { Arena } from './arena.ts';
import type { Entries } from './entries.ts';
import type { KeyProbe } from './hash.ts';
import { KIND_MASK, KIND_PAGE, KIND_SHIFT } from './layout.ts';
import { UNIT_BITS, UNIT_MASK, UNIT_WORDS } from './size-classes.ts';
import type { SlotIndex } from './slot-index.ts';

/** A segment with less of its blocks in use is worth emptying. */
const SPARSE_SHARE = 0.8;
/** Segments looked at in one search for such a one. */
const SEARCHED_MAX = 256;
const NO_SEGMENT = -1;

export class Compactor {
  readonly #arena: Arena;
  readonly #entries: Entries;
  readonly #index: SlotIndex;
  readonly #probe: KeyProbe;
  /** The segment that is being emptied, and how far. */
  #segment = NO_SEGMENT;
  #unit = 0;
  /** Where the next search begins. */
  #search = 0;

  constructor(arena: Arena, entries: Entries, index: SlotIndex, probe: KeyProbe) {
    this.#arena = arena;
    this.#entries = entries;
    this.#index = index;
    this.#probe = probe;
  }

  /** Moves at most `limit` blocks; returns how many it moved. */
  step(limit: number): number {
    const arena = this.#arena;
    let moved = 0;
    while (moved < limit) {
      if (arena.retired !== this.#segment || this.#segment === NO_SEGMENT) {
        if (!this.#findSparse()) break;
      }
      const segment = this.#segment;
      const words = arena.words[segment];
      const units = arena.blockUnits(segment);
      const end = arena.freshIn(segment);
      while (this.#unit < end && words[this.#unit * UNIT_WORDS] === 0) this.#unit += units;
      // The last block that leaves closes the segment.
      this.#move((segment << UNIT_BITS) | this.#unit);
      this.#unit += units;
      moved++;
    }
    return moved;
  }

  #findSparse(): boolean {
    const arena = this.#arena;
    const count = Math.min(arena.segmentCount, SEARCHED_MAX);
    for (let i = 0; i < count; i++) {
      const segment = this.#search++ % arena.segmentCount;
      if (!arena.isOpen(segment)) continue;
      const used = arena.usedIn(segment);
      if (used > arena.capacityOf(segment) * SPARSE_SHARE) continue;
      if (arena.freeBeside(segment) < used) continue;
      arena.retire(segment);
      this.#segment = segment;
      this.#unit = 0;
      return true;
    }
    return false;
  }

  #move(ref: number): void {
    const arena = this.#arena;
    const words = arena.words[ref >>> UNIT_BITS];
    const at = (ref & UNIT_MASK) * UNIT_WORDS;
    if ((words[at] & KIND_MASK) >> KIND_SHIFT === KIND_PAGE) {
      const units = arena.unitsAt(ref);
      const to = arena.allocate(units);
      const target = arena.words[to >>> UNIT_BITS];
      target.set(words.subarray(at, at + units * UNIT_WORDS), (to & UNIT_MASK) * UNIT_WORDS);
      this.#index.relocatePage(ref, to);
      arena.free(ref);
      return;
    }
    const entries = this.#entries;
    entries.openKey(ref);
    this.#probe.read(entries.keyBytes, entries.keyStart, entries.keyEnd);
    this.#index.locateEntry(entries.slotOf(ref), this.#probe.hash, ref);
    this.#index.replace(entries.move(ref));
  }
}
