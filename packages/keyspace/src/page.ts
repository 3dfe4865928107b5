// Hot path: one page of the index, a block of the arena; bench in bench/keyspace.bench.ts.
//
// A page holds cells of two words, hash and entry, sorted by hash (unsigned) with gaps between them. A hash has a home:
// its share of the range that the page covers, scaled to the number of cells. An entry lies in its home or behind it,
// with no gap between, so a search begins at the home and ends at a gap or at a larger hash. An eighth of the cells lies
// behind the last home, for those that are pushed there.
//
//   0   slot, kind, depth: how many of the hash's first bits all entries share
//   1   entries (16 bits), cells (16 bits)
//   2   the newest snapshot that needs none of the page's entries: all of them are younger
//   3   the first bits that all entries share, the others zero
//   4   cells

import type { Arena } from './arena.ts';
import { KIND_PAGE, KIND_SHIFT } from './layout.ts';
import { UNIT_BITS, UNIT_MASK, UNIT_WORDS } from './size-classes.ts';

export const PAGE_HEADER_WORDS = 4;
const HEADER_UNITS: number = PAGE_HEADER_WORDS / UNIT_WORDS;
export const PAGE_UNITS_MIN = 4;
/** 8 KiB: to grow or split a page takes microseconds. */
export const PAGE_UNITS_MAX = 1024;
const DEPTH_SHIFT = 21;
const STAMP_WORD = 2;
const PREFIX_WORD = 3;

/** Memory of one index cell in a page as full as pages are on average, for what a key costs. */
export const CELL_BYTES = 10;

/** Where a hash lies at the earliest, counted in cells. */
export function homeOf(hash: number, depth: number, cells: number): number {
  return (((hash << depth) >>> 16) * (cells - (cells >> 3))) >>> 16;
}

/** Cells of a page in a block of so many units. */
export function cellsIn(units: number): number {
  return Math.min(units, PAGE_UNITS_MAX) - HEADER_UNITS;
}

/** Units of a page that has room for some more than `count` entries. */
export function unitsFor(count: number): number {
  const units = HEADER_UNITS + Math.ceil((count * 4) / 3);
  return Math.min(Math.max(units, PAGE_UNITS_MIN), PAGE_UNITS_MAX);
}

/** Reads and writes one page after the other. */
export class PageView {
  ref = 0;
  words: Int32Array = new Int32Array(0);
  /** Word of the header. */
  base = 0;
  /** First word of the cells, and the one behind the last. */
  first = 0;
  end = 0;
  slot = 0;
  depth = 0;
  cells = 0;
  count = 0;
  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  open(ref: number): void {
    const words = this.#arena.words[ref >>> UNIT_BITS];
    const base = (ref & UNIT_MASK) * UNIT_WORDS;
    const head = words[base];
    const size = words[base + 1];
    const cells = size >>> 16;
    this.ref = ref;
    this.words = words;
    this.base = base;
    this.first = base + PAGE_HEADER_WORDS;
    this.end = this.first + cells * 2;
    this.slot = head & 0x3fff;
    this.depth = head >>> DEPTH_SHIFT;
    this.cells = cells;
    this.count = size & 0xffff;
  }

  /** A new page without entries. */
  create(slot: number, depth: number, prefix: number, stamp: number, units: number): void {
    const ref = this.#arena.allocate(units);
    const cells = cellsIn(this.#arena.unitsAt(ref));
    const words = this.#arena.words[ref >>> UNIT_BITS];
    const base = (ref & UNIT_MASK) * UNIT_WORDS;
    words[base] = slot | (KIND_PAGE << KIND_SHIFT) | (depth << DEPTH_SHIFT);
    words[base + 1] = cells << 16;
    words[base + STAMP_WORD] = stamp;
    words[base + PREFIX_WORD] = prefix;
    words.fill(0, base + PAGE_HEADER_WORDS, base + PAGE_HEADER_WORDS + cells * 2);
    this.open(ref);
  }

  get stamp(): number {
    return this.words[this.base + STAMP_WORD];
  }

  get prefix(): number {
    return this.words[this.base + PREFIX_WORD];
  }

  /** The lowest hash above those that the page covers; up to 2^32. */
  get hashEnd(): number {
    return (this.prefix >>> 0) + 2 ** (32 - this.depth);
  }

  homeWord(hash: number): number {
    return this.first + 2 * homeOf(hash, this.depth, this.cells);
  }

  /** False where there is no room: then nothing has changed. */
  insert(hash: number, ref: number): boolean {
    const { words, end, cells } = this;
    if (this.count >= cells - (cells >> 3)) return false;
    let at = this.homeWord(hash);
    while (at < end && words[at + 1] !== 0 && words[at] >>> 0 <= hash >>> 0) at += 2;
    let gap = at;
    while (gap < end && words[gap + 1] !== 0) gap += 2;
    if (gap >= end) return false;
    words.copyWithin(at + 2, at, gap);
    words[at] = hash;
    words[at + 1] = ref;
    this.#setCount(this.count + 1);
    return true;
  }

  /** Empties a cell; those behind it move up. */
  remove(cell: number): void {
    const { words, end, first } = this;
    let at = cell;
    for (let next = at + 2; next < end && words[next + 1] !== 0; next += 2) {
      if (first + 2 * homeOf(words[next], this.depth, this.cells) === next) break;
      words[at] = words[next];
      words[at + 1] = words[next + 1];
      at = next;
    }
    words[at] = 0;
    words[at + 1] = 0;
    this.#setCount(this.count - 1);
  }

  /** Takes all entries of cells in [cell, cellEnd) of another page; false where they do not fit: the rest is missing. */
  take(from: PageView, cell: number, cellEnd: number): boolean {
    const { words, end } = this;
    let free = this.first;
    let count = this.count;
    for (let at = cell; at < cellEnd; at += 2) {
      const ref = from.words[at + 1];
      if (ref === 0) continue;
      const hash = from.words[at];
      const home = this.homeWord(hash);
      if (home > free) free = home;
      if (free >= end) return false;
      words[free] = hash;
      words[free + 1] = ref;
      free += 2;
      count++;
    }
    this.#setCount(count);
    return true;
  }

  #setCount(count: number): void {
    this.count = count;
    this.words[this.base + 1] = (this.cells << 16) | count;
  }
}
