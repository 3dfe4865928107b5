// Snapshots: the entries of some slots as of one moment, visited in slices between commands, without a copy of them all.
//
// A snapshot goes through the index page by page, by slot and hash. What changes an entry of a page first hands the whole
// page to the snapshots that still need it, and the page is stamped, so that each snapshot gets each page once: when a
// write comes, or when the snapshot does. A page that is split or moved keeps its stamp; a page that is made while
// snapshots are open has nothing that they need. On the pages of a slot that is dropped a snapshot has a claim, which it
// sees to before it goes on.

import type { Arena } from './arena.ts';
import type { DroppedSlots, SlotClaim } from './dropped-slots.ts';
import type { Entries } from './entries.ts';
import type { Snapshot, SnapshotEntry, SnapshotVisitor } from './keyspace.ts';
import { PageView, STAMP_WORD } from './page.ts';
import type { SlotIndex } from './slot-index.ts';
import { TYPE_NAMES } from './value-kind.ts';

class OpenSnapshot implements Snapshot {
  readonly sequence: number;
  /** Where it stands: all of the slots below `slot` has been visited, and of that slot the hashes below `hash`. */
  slot = 0;
  hash = 0;
  isOpen = true;
  /** Dropped slots of which it still needs pages. */
  claims = 0;
  readonly #owner: Snapshots;
  readonly #slots: ReadonlySet<number> | null;
  readonly #visit: SnapshotVisitor;

  constructor(
    owner: Snapshots,
    sequence: number,
    slots: ReadonlySet<number> | null,
    visit: SnapshotVisitor,
  ) {
    this.#owner = owner;
    this.sequence = sequence;
    this.#slots = slots;
    this.#visit = visit;
  }

  covers(slot: number): boolean {
    return this.#slots === null || this.#slots.has(slot);
  }

  take(entry: SnapshotEntry): void {
    this.#visit(entry);
  }

  step(count: number): boolean {
    return this.isOpen && this.#owner.step(this, count);
  }

  close(): void {
    if (this.isOpen) this.#owner.close(this);
  }
}

/** The open snapshots of one database's memory. */
export class Snapshots {
  readonly #index: SlotIndex;
  readonly #entries: Entries;
  readonly #dropped: DroppedSlots;
  readonly #view: PageView;
  #open: OpenSnapshot[] = [];
  #lastSequence = 0;

  constructor(arena: Arena, index: SlotIndex, entries: Entries, dropped: DroppedSlots) {
    this.#index = index;
    this.#entries = entries;
    this.#dropped = dropped;
    this.#view = new PageView(arena);
  }

  /** No snapshot is open. */
  get isIdle(): boolean {
    return this.#open.length === 0;
  }

  start(slots: ReadonlySet<number> | null, visit: SnapshotVisitor): Snapshot {
    const snapshot = new OpenSnapshot(this, ++this.#lastSequence, slots, visit);
    this.#open.push(snapshot);
    this.#index.newestSnapshot = snapshot.sequence;
    return snapshot;
  }

  close(snapshot: OpenSnapshot): void {
    snapshot.isOpen = false;
    this.#open = this.#open.filter((other) => other !== snapshot);
    this.#index.newestSnapshot = this.#open.at(-1)?.sequence ?? 0;
  }

  /** To be called before anything in a page changes, where a snapshot is open. */
  handOver(page: number): void {
    const view = this.#view;
    view.open(page);
    const { stamp, slot, hashEnd } = view;
    const newest = this.#index.newestSnapshot;
    if (stamp >= newest) return;
    view.words[view.base + STAMP_WORD] = newest;
    for (const snapshot of this.#open) {
      const isPast = snapshot.slot > slot || (snapshot.slot === slot && snapshot.hash >= hashEnd);
      if (snapshot.sequence > stamp && !isPast && snapshot.covers(slot)) {
        this.#visitPage(snapshot, view);
      }
    }
  }

  /** What the open snapshots need of a slot that is about to be dropped. */
  claimsOn(slot: number): SlotClaim[] {
    const claims: SlotClaim[] = [];
    for (const snapshot of this.#open) {
      if (snapshot.slot > slot || !snapshot.covers(slot)) continue;
      const fromHash = snapshot.slot === slot ? snapshot.hash : 0;
      snapshot.claims++;
      claims.push({
        take: (view) => {
          const needs = view.stamp < snapshot.sequence && view.hashEnd > fromHash;
          return needs && snapshot.isOpen ? this.#visitPage(snapshot, view) : 0;
        },
        end: () => {
          snapshot.claims--;
        },
      });
    }
    return claims;
  }

  step(snapshot: OpenSnapshot, count: number): boolean {
    const view = this.#view;
    const { counts } = this.#index;
    let left = count;
    while (snapshot.claims > 0) {
      if (left <= 0) return true;
      left -= this.#dropped.release(left);
    }
    while (snapshot.slot < counts.length) {
      const { slot } = snapshot;
      const hasMore = counts[slot] > 0 && snapshot.covers(slot);
      if (!hasMore || !this.#index.seek(slot, snapshot.hash, view)) {
        snapshot.slot++;
        snapshot.hash = 0;
        continue;
      }
      if (left <= 0) return true;
      snapshot.hash = view.hashEnd;
      left -= view.stamp < snapshot.sequence ? this.#visitPage(snapshot, view) : 1;
    }
    this.close(snapshot);
    return false;
  }

  /** Visits the entries of a page; returns how many there are. */
  #visitPage(snapshot: OpenSnapshot, view: PageView): number {
    const { words, first, end, slot, count } = view;
    const entries = this.#entries;
    for (let at = first; at < end; at += 2) {
      const ref = words[at + 1];
      if (ref === 0) continue;
      entries.open(ref);
      entries.openKey(ref);
      snapshot.take({
        slot,
        kind: entries.kind,
        type: TYPE_NAMES[entries.kind],
        keyBytes: entries.keyBytes,
        keyStart: entries.keyStart,
        keyEnd: entries.keyEnd,
        valueBytes: entries.bytes,
        valueStart: entries.valueStart,
        valueEnd: entries.valueEnd,
        structure: entries.structureOf(ref),
        expireAtMs: entries.expireAtMs,
      });
    }
    return count;
  }
}
