// Hot path: the memory of one database: arena, entries, index and snapshots together; bench in bench/keyspace.bench.ts.
//
// Emptying a database means dropping its store; a snapshot that is open then goes on with the old one.

import type { AccessClock } from './access-clock.ts';
import { Arena } from './arena.ts';
import { Compactor } from './compactor.ts';
import { DroppedSlots } from './dropped-slots.ts';
import { Entries } from './entries.ts';
import type { KeyProbe } from './hash.ts';
import { Lookahead } from './lookahead.ts';
import { PageView } from './page.ts';
import { SlotIndex } from './slot-index.ts';
import { Snapshots } from './snapshot.ts';

export class Store {
  readonly arena: Arena;
  readonly entries: Entries;
  readonly index: SlotIndex;
  readonly snapshots: Snapshots;
  readonly lookahead: Lookahead;
  readonly #dropped: DroppedSlots;
  readonly #compactor: Compactor;
  /** Where `walk` has stopped. */
  nextSlot = 0;
  nextHash = 0;
  readonly #probe: KeyProbe;
  readonly #view: PageView;

  constructor(slotCount: number, clock: AccessClock, probe: KeyProbe) {
    this.arena = new Arena();
    this.entries = new Entries(slotCount, this.arena, clock);
    this.index = new SlotIndex(slotCount, this.arena, this.entries);
    this.lookahead = new Lookahead(this.arena, this.index);
    this.#dropped = new DroppedSlots(this.arena, this.index, this.entries);
    const { arena, index, entries, lookahead } = this;
    this.snapshots = new Snapshots(arena, index, entries, this.#dropped, lookahead);
    this.#compactor = new Compactor(this.arena, this.entries, this.index, probe);
    this.#probe = probe;
    this.#view = new PageView(this.arena);
  }

  /** Bytes in use for data: entries and index, large values, the expiry heap, tables. */
  get usedBytes(): number {
    return this.arena.usedBytes + this.#besideArena;
  }

  /** The same with what lies free in segments. */
  get heldBytes(): number {
    return this.arena.heldBytes + this.#besideArena;
  }

  get #besideArena(): number {
    const { outside, heap, expiring } = this.entries;
    return outside.bytes + heap.heldBytes + expiring.byteLength + this.index.tableBytes;
  }

  /** To be called before the entry that was located changes, or where none was before one is put there. */
  beforeChange(): void {
    const { index } = this;
    if (index.newestSnapshot !== 0 && index.page !== 0) {
      this.snapshots.handOver(index.page, index.hash);
    }
  }

  /** Deletes the entry that was located. */
  removeLocated(ref: number): void {
    this.beforeChange();
    this.index.remove();
    this.entries.release(ref);
  }

  /** Locates an entry that was found without its key. */
  locateEntry(ref: number): void {
    const { entries } = this;
    entries.openKey(ref);
    this.#probe.read(entries.keyBytes, entries.keyStart, entries.keyEnd);
    this.index.locateEntry(entries.slotOf(ref), this.#probe.hash, ref);
  }

  /** Whether an entry that was found in the expiry heap is there: its slot may have been dropped. */
  isThere(ref: number): boolean {
    if (this.#dropped.isIdle) return true;
    const { entries } = this;
    entries.openKey(ref);
    this.#probe.read(entries.keyBytes, entries.keyStart, entries.keyEnd);
    return this.index.lists(entries.slotOf(ref), this.#probe.hash, ref);
  }

  /** Empties a slot; what it held is given back by {@link release}. */
  dropSlot(slot: number): number {
    const { index, snapshots } = this;
    const count = index.counts[slot];
    if (count > 0) this.#dropped.add(slot, snapshots.isIdle ? [] : snapshots.claimsOn(slot));
    return count;
  }

  /** Gives back at most about `limit` entries and parts of values that are gone; how many, 0 = nothing is left to do. */
  release(limit: number): number {
    const count = this.#dropped.release(limit);
    return count < limit ? count + this.entries.outside.release(limit - count) : count;
  }

  compact(limit: number): number {
    return this.#dropped.isIdle ? this.#compactor.step(limit) : 0;
  }

  /**
   * Visits about `count` entries in the order of slots and hashes, from `fromSlot` and `fromHash` on, in slots up to
   * `lastSlot`; entries that share a hash are visited together. Returns false at the end, else `nextSlot` and
   * `nextHash` say where to go on. Nothing may change meanwhile.
   */
  walk(
    fromSlot: number,
    fromHash: number,
    lastSlot: number,
    count: number,
    visit: (ref: number) => void,
  ): boolean {
    const { index } = this;
    const view = this.#view;
    let left = count;
    let hash = fromHash;
    for (let slot = fromSlot; slot <= lastSlot; slot++, hash = 0) {
      if (index.counts[slot] === 0) continue;
      for (; index.seek(slot, hash, view); hash = view.hashEnd) {
        const { words, first, end } = view;
        let last = -1;
        for (let at = first; at < end; at += 2) {
          const next = words[at] >>> 0;
          if (words[at + 1] === 0 || next < hash) continue;
          if (left <= 0 && next !== last) {
            this.nextSlot = slot;
            this.nextHash = next;
            return true;
          }
          visit(words[at + 1]);
          last = next;
          left--;
        }
      }
    }
    return false;
  }
}
