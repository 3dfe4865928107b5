// Snapshots: the entries of some slots as of one moment, visited in slices between commands, without a copy of them all.
//
// A snapshot goes through the index page by page, by slot and hash. What changes an entry of a page first hands the whole
// page to the snapshots that still need it, and the page is stamped, so that each snapshot gets each page once: when a
// write comes, or when the snapshot does. A page that is split or moved keeps its stamp; a page that is made while
// snapshots are open has nothing that they need.

import type { Arena } from './arena.ts';
import type { Entries } from './entries.ts';
import type { Snapshot, SnapshotEntry, SnapshotVisitor } from './keyspace.ts';
import { TYPE_NAMES } from './layout.ts';
import { PageView, STAMP_WORD } from './page.ts';
import type { SlotIndex } from './slot-index.ts';

class OpenSnapshot implements Snapshot {
  readonly sequence: number;
  /** Where it stands: all of the slots below `slot` has been visited, and of that slot the hashes below `hash`. */
  slot = 0;
  hash = 0;
  isOpen = true;
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
  readonly #view: PageView;
  #open: OpenSnapshot[] = [];
  #lastSequence = 0;

  constructor(arena: Arena, index: SlotIndex, entries: Entries) {
    this.#index = index;
    this.#entries = entries;
    this.#view = new PageView(arena);
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
      if (snapshot.sequence > stamp && !isPast && snapshot.covers(slot)) this.#visitPage(snapshot);
    }
  }

  step(snapshot: OpenSnapshot, count: number): boolean {
    const view = this.#view;
    const { counts } = this.#index;
    let left = count;
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
      left -= view.stamp < snapshot.sequence ? this.#visitPage(snapshot) : 1;
    }
    this.close(snapshot);
    return false;
  }

  /** Visits the entries of the page in view; returns how many there are. */
  #visitPage(snapshot: OpenSnapshot): number {
    const { words, first, end, slot, count } = this.#view;
    const entries = this.#entries;
    for (let at = first; at < end; at += 2) {
      const ref = words[at + 1];
      if (ref === 0) continue;
      entries.open(ref);
      snapshot.take({
        slot,
        type: TYPE_NAMES[entries.kindOf(ref)],
        bytes: entries.bytes,
        keyStart: entries.keyStart,
        valueStart: entries.valueStart,
        valueEnd: entries.valueEnd,
        expireAtMs: entries.expireAtMs,
      });
    }
    return count;
  }
}
