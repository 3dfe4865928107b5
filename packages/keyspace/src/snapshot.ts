// Snapshots: the entries of some slots as of one moment, visited in slices between commands, without a copy of them all.
//
// A snapshot goes through the index by slot and hash. What changes an entry, or adds one, first hands all entries of its
// hash to the snapshots that have not come as far, and they note the hash, so that each gets each entry once: when a
// write comes, or in its turn. So a write costs what it changes, however large its page is. A page that is made while
// snapshots are open has nothing that they need: its stamp says so, also when it is split or moved. On the pages of a
// slot that is dropped a snapshot has a claim, which it sees to before it goes on.

import type { Arena } from './arena.ts';
import type { DroppedSlots, SlotClaim } from './dropped-slots.ts';
import type { Entries } from './entries.ts';
import { HandedOver } from './handed-over.ts';
import { NO_EXPIRY, type Snapshot, type SnapshotEntry, type SnapshotVisitor } from './keyspace.ts';
import type { Lookahead } from './lookahead.ts';
import { PageView } from './page.ts';
import type { SlotIndex } from './slot-index.ts';
import type { Structure } from './structure.ts';
import { TYPE_NAMES, ValueKind } from './value-kind.ts';

const NO_BYTES: Uint8Array = new Uint8Array(0);
/** Cells, two words each, whose entries are fetched from memory together: one by one that takes longer than to write them. */
const FETCHED_WORDS = 64;

class OpenSnapshot implements Snapshot {
  readonly sequence: number;
  /** Where it stands: all of the slots below `slot` has been visited, and of that slot the hashes below `hash`. */
  slot = 0;
  hash = 0;
  readonly handedOver: HandedOver = new HandedOver();
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

/** What visitors are shown, one entry after the other: one object for each would be garbage by the million. */
class ShownEntry implements SnapshotEntry {
  slot = 0;
  kind: ValueKind = ValueKind.string;
  type = '';
  keyBytes: Uint8Array = NO_BYTES;
  keyStart = 0;
  keyEnd = 0;
  valueBytes: Uint8Array = NO_BYTES;
  valueStart = 0;
  valueEnd = 0;
  structure: Structure | null = null;
  expireAtMs: number = NO_EXPIRY;
}

/** The open snapshots of one database's memory. */
export class Snapshots {
  readonly #index: SlotIndex;
  readonly #entries: Entries;
  readonly #dropped: DroppedSlots;
  readonly #lookahead: Lookahead;
  readonly #view: PageView;
  readonly #entry: ShownEntry = new ShownEntry();
  #open: OpenSnapshot[] = [];
  #lastSequence = 0;
  /** Where `#visit` has stopped. */
  #nextHash = 0;

  constructor(
    arena: Arena,
    index: SlotIndex,
    entries: Entries,
    dropped: DroppedSlots,
    lookahead: Lookahead,
  ) {
    this.#index = index;
    this.#entries = entries;
    this.#dropped = dropped;
    this.#lookahead = lookahead;
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

  /** To be called before an entry with that hash (signed) changes, comes or goes in a page, where a snapshot is open. */
  handOver(page: number, hash: number): void {
    const view = this.#view;
    view.open(page);
    const { stamp, slot } = view;
    if (stamp >= this.#index.newestSnapshot) return;
    const unsigned = hash >>> 0;
    for (const snapshot of this.#open) {
      const isPast = snapshot.slot > slot || (snapshot.slot === slot && snapshot.hash > unsigned);
      if (snapshot.sequence <= stamp || isPast || !snapshot.covers(slot)) continue;
      if (snapshot.handedOver.add(slot, hash)) this.#visitHash(snapshot, view, hash);
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
          if (!needs || !snapshot.isOpen) return 0;
          return this.#visit(snapshot, view, fromHash, Number.POSITIVE_INFINITY);
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
      if (view.stamp < snapshot.sequence) {
        left -= this.#visit(snapshot, view, snapshot.hash, left);
        snapshot.hash = this.#nextHash;
      } else {
        left--;
        snapshot.hash = view.hashEnd;
      }
    }
    this.close(snapshot);
    return false;
  }

  /**
   * Visits the entries of a page from a hash on, those handed over left out: about `limit`, as those that share a hash
   * stay together. Returns how many were looked at; `#nextHash` is where to go on.
   */
  #visit(snapshot: OpenSnapshot, view: PageView, from: number, limit: number): number {
    const { words, end, slot, prefix } = view;
    const { handedOver } = snapshot;
    let at = from > prefix >>> 0 ? view.homeWord(from) : view.first;
    let fetched = at;
    let count = 0;
    let last = -1;
    for (; at < end; at += 2) {
      if (at === fetched) {
        fetched = Math.min(at + FETCHED_WORDS, end);
        this.#lookahead.fetchEntries(words, at, fetched);
      }
      const ref = words[at + 1];
      const hash = words[at] >>> 0;
      if (ref === 0 || hash < from) continue;
      if (hash !== last) {
        if (count >= limit) {
          this.#nextHash = hash;
          return count;
        }
        last = hash;
      }
      count++;
      if (!handedOver.has(slot, hash)) this.#take(snapshot, slot, ref);
    }
    this.#nextHash = view.hashEnd;
    return Math.max(1, count);
  }

  /** Visits the entries of a page that have that hash. */
  #visitHash(snapshot: OpenSnapshot, view: PageView, hash: number): void {
    const { words, end, slot } = view;
    for (let at = view.homeWord(hash); at < end; at += 2) {
      const ref = words[at + 1];
      if (ref === 0 || words[at] >>> 0 > hash >>> 0) return;
      if (words[at] === hash) this.#take(snapshot, slot, ref);
    }
  }

  #take(snapshot: OpenSnapshot, slot: number, ref: number): void {
    const entries = this.#entries;
    entries.open(ref);
    entries.openKey(ref);
    const entry = this.#entry;
    entry.slot = slot;
    entry.kind = entries.kind;
    entry.type = TYPE_NAMES[entries.kind];
    entry.keyBytes = entries.keyBytes;
    entry.keyStart = entries.keyStart;
    entry.keyEnd = entries.keyEnd;
    entry.valueBytes = entries.bytes;
    entry.valueStart = entries.valueStart;
    entry.valueEnd = entries.valueEnd;
    entry.structure = entries.structureOf(ref);
    entry.expireAtMs = entries.expireAtMs;
    snapshot.take(entry);
  }
}
