// Hot path: finds entries by slot and hash; bench in bench/keyspace.bench.ts.
//
// Each slot has one page of cells sorted by hash (page.ts), which grows with the slot. Where it would become too large it
// is split in two, each for one half of the hashes, and the slot gets a directory: extendible hashing. So nothing ever
// grows at once but a page, or a directory of four bytes per thousand keys, and all keys have an order, by slot and hash,
// that no growth changes: it is the order of scans and snapshots.

import type { Arena } from './arena.ts';
import type { Entries } from './entries.ts';
import type { KeyProbe } from './hash.ts';
import { cellsIn, homeOf, PAGE_HEADER_WORDS, PAGE_UNITS_MAX, PageView, unitsFor } from './page.ts';
import { UNIT_BITS, UNIT_MASK, UNIT_WORDS } from './size-classes.ts';

/** In the place of a page: the slot has a directory. No block can have this reference. */
const DIRECTORY = -1;
/** Pages of one slot: 2^22, four thousand million keys. */
const DEPTH_MAX = 22;
/** Slots whose counts are also summed up, so that a random one is found soon. */
const GROUP_BITS = 7;
/** Empty places that drawing at random meets before it goes on to the next entry instead. */
const DRAW_TRIES = 16;
const NO_SLOT = -1;
const HASHES: number = 2 ** 32;

interface Directory {
  /** Hash bits that choose the page. */
  depth: number;
  pages: Int32Array;
  /** By place: how many of the bits the page that is there stands for. */
  depths: Uint8Array;
}

export class SlotIndex {
  size = 0;
  /** Keys by slot. */
  readonly counts: Uint32Array;
  /** Sequence number of the newest open snapshot, 0 = none: the stamp of pages that are made now. */
  newestSnapshot = 0;
  /** Memory of the tables outside the arena. */
  tableBytes: number;
  /** What `locate` looked for, and found: the page (0 = none) and in its segment the first word of the cell. */
  hash = 0;
  page = 0;
  cell = 0;

  readonly #arena: Arena;
  readonly #entries: Entries;
  readonly #roots: Int32Array;
  readonly #groups: Uint32Array;
  readonly #directories: Map<number, Directory> = new Map();
  /** Of the page that was asked for last. */
  #depth = 0;
  /** The directory that was looked into last. */
  #latest: Directory | null = null;
  #latestSlot = NO_SLOT;
  readonly #view: PageView;
  readonly #target: PageView;

  constructor(slotCount: number, arena: Arena, entries: Entries) {
    this.#arena = arena;
    this.#entries = entries;
    this.counts = new Uint32Array(slotCount);
    this.#roots = new Int32Array(slotCount);
    this.#groups = new Uint32Array((slotCount >> GROUP_BITS) + 1);
    this.tableBytes = 2 * slotCount * Int32Array.BYTES_PER_ELEMENT + this.#groups.byteLength;
    this.#view = new PageView(arena);
    this.#target = new PageView(arena);
  }

  /** The entry with the probe's key, 0 = none. The page's header is not looked at: to fetch it is to wait for it. */
  locate(slot: number, probe: KeyProbe): number {
    const { hash } = probe;
    const page = this.#pageOf(slot, hash);
    this.hash = hash;
    this.page = page;
    if (page === 0) return 0;
    const words = this.#arena.words[page >>> UNIT_BITS];
    const cells = cellsIn(this.#arena.unitsAt(page));
    const first = pageCells(page);
    const end = first + cells * 2;
    for (let at = first + 2 * homeOf(hash, this.#depth, cells); at < end; at += 2) {
      const ref = words[at + 1];
      if (ref === 0) return 0;
      if (words[at] === hash) {
        if (this.#entries.matches(ref, probe)) {
          this.cell = at;
          return ref;
        }
      } else if (words[at] >>> 0 > hash >>> 0) return 0;
    }
    return 0;
  }

  /** Sets `page` and `cell` to where a search for the hash begins, without looking there. For {@link Lookahead}. */
  aim(slot: number, hash: number): void {
    const page = this.#pageOf(slot, hash);
    this.page = page;
    const cells = cellsIn(this.#arena.unitsAt(page));
    this.cell = pageCells(page) + 2 * homeOf(hash, this.#depth, cells);
  }

  /** The first entry with the hash in cells from `cell` on, 0 = none, whatever its key. */
  refFrom(page: number, cell: number, hash: number): number {
    const words = this.#arena.words[page >>> UNIT_BITS];
    const end = pageCells(page) + 2 * cellsIn(this.#arena.unitsAt(page));
    for (let at = cell; at < end; at += 2) {
      const ref = words[at + 1];
      if (words[at] === hash || ref === 0) return ref;
    }
    return 0;
  }

  /** Sets `page` and `cell` to where an entry is listed that is there for certain. */
  locateEntry(slot: number, hash: number, ref: number): void {
    const page = this.#pageOf(slot, hash);
    const view = this.#view;
    view.open(page);
    let at = view.homeWord(hash);
    while (view.words[at + 1] !== ref) {
      at += 2;
      if (at >= view.end) throw new Error('an entry is missing in the index');
    }
    this.hash = hash;
    this.page = page;
    this.cell = at;
  }

  /** Puts another entry in the place of the one that was located. */
  replace(ref: number): void {
    this.#arena.words[this.page >>> UNIT_BITS][this.cell + 1] = ref;
  }

  /** The key must not be there. */
  insert(slot: number, hash: number, ref: number): void {
    this.size++;
    this.counts[slot]++;
    this.#groups[slot >> GROUP_BITS]++;
    for (;;) {
      const page = this.#pageOf(slot, hash);
      if (page === 0) this.#createPage(slot, hash);
      else this.#view.open(page);
      if (this.#view.insert(hash, ref)) return;
      this.#grow();
    }
  }

  /** Takes out what was located. */
  remove(): void {
    const view = this.#view;
    view.open(this.page);
    view.remove(this.cell);
    this.#uncount(view.slot, 1);
    if (view.count === 0) this.#dropPage();
    else if (view.count * 3 < view.cells && view.cells > 8) this.#resize(unitsFor(view.count));
  }

  /**
   * Takes out all pages of a slot that has some: it is empty afterwards. They are the caller's, and so is the table of
   * them that is returned, which counts among {@link tableBytes} until the caller takes it off.
   */
  detach(slot: number): Int32Array {
    const directory = this.#directories.get(slot);
    const pages = directory?.pages ?? Int32Array.of(this.#roots[slot]);
    this.tableBytes += pages.byteLength - (directory === undefined ? 0 : bytesOf(directory));
    this.#uncount(slot, this.counts[slot]);
    this.#roots[slot] = 0;
    this.#forgetDirectory(slot);
    return pages;
  }

  /** Whether the index has an entry: one of a slot that was dropped is missing. */
  lists(slot: number, hash: number, ref: number): boolean {
    const page = this.#pageOf(slot, hash);
    if (page === 0) return false;
    const view = this.#view;
    view.open(page);
    for (let at = view.homeWord(hash); at < view.end && view.words[at + 1] !== 0; at += 2) {
      if (view.words[at + 1] === ref) return true;
    }
    return false;
  }

  /** The first page of the slot that has hashes from `from` on, opened in `view`; false where there is none. */
  seek(slot: number, from: number, view: PageView): boolean {
    const root = this.#roots[slot];
    if (root === 0 || from >= HASHES) return false;
    if (root !== DIRECTORY) {
      view.open(root);
      return true;
    }
    const { pages, depth } = this.#directories.get(slot)!;
    for (let i = Math.floor(from / 2 ** (32 - depth)); i < pages.length; i++) {
      if (pages[i] === 0) continue;
      view.open(pages[i]);
      return true;
    }
    return false;
  }

  /** An entry drawn at random, 0 where there is none. `random()` gives a uint32. */
  drawEntry(random: () => number): number {
    if (this.size === 0) return 0;
    let left = random() % this.size;
    let group = 0;
    while (left >= this.#groups[group]) left -= this.#groups[group++];
    let slot = group << GROUP_BITS;
    while (left >= this.counts[slot]) left -= this.counts[slot++];
    const view = this.#view;
    // A directory may have empty places, a page always has an entry. A generator may be a poor one: tries are counted.
    let tries = DRAW_TRIES;
    while (!this.seek(slot, --tries > 0 ? random() : 0, view));
    let cell = random() % view.cells;
    while (view.words[view.first + 2 * cell + 1] === 0) {
      cell = (--tries > 0 ? random() : cell + 1) % view.cells;
    }
    return view.words[view.first + 2 * cell + 1];
  }

  /** The page has moved in memory. */
  relocatePage(page: number, to: number): void {
    this.#view.open(page);
    this.#link(to);
  }

  // ---- pages ---------------------------------------------------------------------------------------------------

  /** The page that a hash belongs in, 0 = none; `#depth` is its depth then. */
  #pageOf(slot: number, hash: number): number {
    const root = this.#roots[slot];
    if (root === DIRECTORY) return this.#pageInDirectory(slot, hash);
    this.#depth = 0;
    return root;
  }

  #forgetDirectory(slot: number): void {
    this.#directories.delete(slot);
    this.#latest = null;
    this.#latestSlot = NO_SLOT;
  }

  #pageInDirectory(slot: number, hash: number): number {
    // Commands on several keys stay in one slot.
    if (slot !== this.#latestSlot) {
      this.#latest = this.#directories.get(slot)!;
      this.#latestSlot = slot;
    }
    const { pages, depths, depth } = this.#latest!;
    const place = hash >>> (32 - depth);
    this.#depth = depths[place];
    return pages[place];
  }

  #createPage(slot: number, hash: number): void {
    const depth = this.#roots[slot] === DIRECTORY ? this.#directories.get(slot)!.depth : 0;
    const prefix = depth === 0 ? 0 : hash & (-1 << (32 - depth));
    this.#view.create(slot, depth, prefix, this.newestSnapshot, unitsFor(1));
    this.#link(this.#view.ref);
  }

  /** Points all that points to the page in view to `page` instead. */
  #link(page: number): void {
    const { slot, depth, prefix } = this.#view;
    if (this.#roots[slot] !== DIRECTORY) {
      this.#roots[slot] = page;
      return;
    }
    const directory = this.#directories.get(slot)!;
    const from = prefix >>> (32 - directory.depth);
    const to = from + 2 ** (directory.depth - depth);
    directory.pages.fill(page, from, to);
    directory.depths.fill(depth, from, to);
  }

  #uncount(slot: number, count: number): void {
    this.size -= count;
    this.counts[slot] -= count;
    this.#groups[slot >> GROUP_BITS] -= count;
  }

  #dropPage(): void {
    const { slot, ref } = this.#view;
    this.#link(0);
    if (this.counts[slot] === 0) {
      this.#roots[slot] = 0;
      const directory = this.#directories.get(slot);
      if (directory !== undefined) this.tableBytes -= bytesOf(directory);
      this.#forgetDirectory(slot);
    }
    this.#arena.free(ref);
  }

  #grow(): void {
    const units = this.#arena.unitsAt(this.#view.ref);
    if (units >= PAGE_UNITS_MAX) this.#split();
    else this.#resize(Math.min(units + (units >> 2) + 1, PAGE_UNITS_MAX));
  }

  /** Moves the page in view into another of at least so many units. */
  #resize(units: number): void {
    const { ref, first, end, slot, depth, prefix, stamp, count } = this.#view;
    const page = this.#build(slot, depth, prefix, stamp, units, first, end, count);
    this.#link(page);
    this.#arena.free(ref);
  }

  /** Splits the page in view in two, each for one half of its hashes. */
  #split(): void {
    const { ref, words, first, end, slot, depth, prefix, stamp, count } = this.#view;
    if (depth === DEPTH_MAX) throw new Error('too many keys share their hash');
    if (this.#roots[slot] !== DIRECTORY) {
      const directory = { depth: 0, pages: Int32Array.of(ref), depths: new Uint8Array(1) };
      this.#directories.set(slot, directory);
      this.#latestSlot = NO_SLOT;
      this.tableBytes += bytesOf(directory);
      this.#roots[slot] = DIRECTORY;
    }
    const directory = this.#directories.get(slot)!;
    if (directory.depth === depth) {
      this.tableBytes += bytesOf(directory);
      double(directory);
    }
    const bit = 1 << (31 - depth);
    const upper = (prefix | bit) >>> 0;
    let middle = first;
    let below = 0;
    for (; middle < end; middle += 2) {
      if (words[middle + 1] === 0) continue;
      if (words[middle] >>> 0 >= upper) break;
      below++;
    }
    const low = this.#build(slot, depth + 1, prefix, stamp, 0, first, middle, below);
    const high = this.#build(slot, depth + 1, upper | 0, stamp, 0, middle, end, count - below);
    const from = prefix >>> (32 - directory.depth);
    const half = 2 ** (directory.depth - depth - 1);
    directory.pages.fill(low, from, from + half);
    directory.pages.fill(high, from + half, from + 2 * half);
    directory.depths.fill(depth + 1, from, from + 2 * half);
    this.#arena.free(ref);
  }

  /** A page with the entries of cells of the page in view; 0 where there are none. */
  #build(
    slot: number,
    depth: number,
    prefix: number,
    stamp: number,
    unitsMin: number,
    cell: number,
    cellEnd: number,
    count: number,
  ): number {
    if (count === 0) return 0;
    const target = this.#target;
    let units = Math.max(unitsMin, unitsFor(count));
    for (;;) {
      target.create(slot, depth, prefix, stamp, units);
      if (target.take(this.#view, cell, cellEnd)) return target.ref;
      this.#arena.free(target.ref);
      if (units === PAGE_UNITS_MAX) throw new Error('too many keys share their hash');
      units = Math.min(units + (units >> 2) + 1, PAGE_UNITS_MAX);
    }
  }
}

/** In its segment the first word of a page's cells. */
function pageCells(page: number): number {
  return (page & UNIT_MASK) * UNIT_WORDS + PAGE_HEADER_WORDS;
}

function bytesOf({ pages, depths }: Directory): number {
  return pages.byteLength + depths.byteLength;
}

function double(directory: Directory): void {
  const { pages, depths } = directory;
  const size = pages.length * 2;
  directory.pages = new Int32Array(size).map((_, i) => pages[i >> 1]);
  directory.depths = new Uint8Array(size).map((_, i) => depths[i >> 1]);
  directory.depth++;
}
