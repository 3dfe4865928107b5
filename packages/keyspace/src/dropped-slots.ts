// Slots that were dropped: empty for everybody at once, while their entries and pages are given back in slices.
//
// A slot is dropped by taking its pages out of the index. Nothing finds them any more, and new keys of the slot get new
// pages. Snapshots that had not come as far as the slot have a claim on its pages: each is handed to them right before
// its entries go. Blocks of dropped slots do not move: the compactor waits until all are given back.

import type { Arena } from './arena.ts';
import type { Entries } from './entries.ts';
import { PageView } from './page.ts';
import type { SlotIndex } from './slot-index.ts';

/** What an open snapshot still needs of a dropped slot. */
export interface SlotClaim {
  /** Takes the entries of a page, if the snapshot still needs them; returns how many it took. */
  take(view: PageView): number;
  /** All pages were offered. */
  end(): void;
}

interface DroppedSlot {
  /** As a directory has them: where a page covers several places it stands in all of them; 0 = none. */
  readonly pages: Int32Array;
  readonly claims: readonly SlotClaim[];
  /** The page in work, whether it was offered to the claims, and in it the word of the next cell. */
  page: number;
  isOffered: boolean;
  word: number;
}

export class DroppedSlots {
  readonly #arena: Arena;
  readonly #index: SlotIndex;
  readonly #entries: Entries;
  readonly #view: PageView;
  readonly #slots: DroppedSlot[] = [];

  constructor(arena: Arena, index: SlotIndex, entries: Entries) {
    this.#arena = arena;
    this.#index = index;
    this.#entries = entries;
    this.#view = new PageView(arena);
  }

  /** Everything is given back. */
  get isIdle(): boolean {
    return this.#slots.length === 0;
  }

  add(slot: number, claims: readonly SlotClaim[]): void {
    this.#entries.dropSlot(slot);
    const pages = this.#index.detach(slot);
    this.#slots.push({ pages, claims, page: 0, isOffered: false, word: 0 });
  }

  /** Gives back about `limit` entries, those that are handed to snapshots counted twice; 0 = there are none. */
  release(limit: number): number {
    let done = 0;
    while (done < limit && this.#slots.length > 0) {
      const slot = this.#slots[0];
      const { pages, page } = slot;
      if (page === pages.length) {
        this.#index.tableBytes -= pages.byteLength;
        this.#slots.shift();
        for (const claim of slot.claims) claim.end();
      } else if (pages[page] === 0 || (page > 0 && pages[page] === pages[page - 1])) slot.page++;
      else done += this.#releasePage(slot, limit - done);
    }
    return done;
  }

  /** Gives back entries of the page in work, and the page behind its last. */
  #releasePage(slot: DroppedSlot, limit: number): number {
    const view = this.#view;
    view.open(slot.pages[slot.page]);
    const { words, first, end } = view;
    let done = 0;
    if (!slot.isOffered) for (const claim of slot.claims) done += claim.take(view);
    slot.isOffered = true;
    let at = first + slot.word;
    for (; at < end && done < limit; at += 2) {
      if (words[at + 1] === 0) continue;
      this.#entries.releaseDropped(words[at + 1]);
      done++;
    }
    slot.word = at - first;
    if (at < end) return done;
    this.#arena.free(view.ref);
    slot.page++;
    slot.isOffered = false;
    slot.word = 0;
    return done;
  }
}
