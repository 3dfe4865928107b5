// Hot path: the keys of one slot, found by their bytes; bench in bench/keyspace.bench.ts.
//
// A chained hash table, and beside it a list of the entries in the order in which they came. The list is what a scan
// walks, from the newest to the oldest: an entry never changes its place relative to others, so a scan meets every key
// that stays, and keys that come later lie behind it, so it ends.

import { sameBytes } from './hash.ts';

/** One key with its value. */
export class Entry {
  readonly key: Uint8Array;
  readonly hash: number;
  value: Uint8Array;
  expireAtMs: number;
  accessedAtMs = 0;
  readonly slot: number;
  /** Next entry of the same bucket. */
  next: Entry | null = null;
  /** Grows with each key that enters the slot; never 0. */
  sequence = 0;
  alive = true;
  /** Place in the expiry queue, -1 = not in it. */
  queueIndex = -1;

  constructor(key: Uint8Array, hash: number, value: Uint8Array, expireAtMs: number, slot: number) {
    this.key = key;
    this.hash = hash;
    this.value = value;
    this.expireAtMs = expireAtMs;
    this.slot = slot;
  }
}

const BUCKETS_MIN = 4;
/** Below this many dead entries the list is not tidied. */
const DEAD_MIN = 16;

export class SlotTable {
  count = 0;
  #buckets: (Entry | null)[] = new Array<Entry | null>(BUCKETS_MIN).fill(null);
  /** By sequence. Dead entries stay until they outnumber the living. */
  #order: Entry[] = [];
  #lastSequence = 0;

  find(hash: number, bytes: Uint8Array, start: number, end: number): Entry | null {
    const buckets = this.#buckets;
    let entry = buckets[hash & (buckets.length - 1)];
    while (entry !== null) {
      if (entry.hash === hash && sameBytes(entry.key, bytes, start, end)) return entry;
      entry = entry.next;
    }
    return null;
  }

  /** The key must not be there yet. */
  insert(entry: Entry): void {
    if (this.count === this.#buckets.length) this.#resize(this.count * 2);
    const bucket = entry.hash & (this.#buckets.length - 1);
    entry.next = this.#buckets[bucket];
    this.#buckets[bucket] = entry;
    entry.sequence = ++this.#lastSequence;
    this.#order.push(entry);
    this.count++;
  }

  /** The entry must be there. */
  remove(entry: Entry): void {
    const buckets = this.#buckets;
    const bucket = entry.hash & (buckets.length - 1);
    let before = buckets[bucket];
    if (before === entry) buckets[bucket] = entry.next;
    else {
      while (before !== null && before.next !== entry) before = before.next;
      if (before !== null) before.next = entry.next;
    }
    entry.next = null;
    entry.alive = false;
    this.count--;
    const order = this.#order;
    if (order[order.length - 1] === entry) order.pop();
    else if (order.length - this.count > DEAD_MIN + this.count) this.#tidy();
  }

  /** One above the highest sequence in use: where a scan of this slot begins. */
  get scanStart(): number {
    return this.#lastSequence + 1;
  }

  /**
   * Visits at most `limit` living entries with a sequence below `before`, newest first. Returns the sequence of the
   * last one visited, from which the scan goes on, or 0 if there is nothing below it.
   */
  scan(before: number, limit: number, visit: (entry: Entry) => void): number {
    const order = this.#order;
    let i = this.#firstAtOrAbove(before) - 1;
    for (let left = limit; i >= 0; i--) {
      const entry = order[i];
      if (!entry.alive) continue;
      if (left-- === 0) return entry.sequence + 1;
      visit(entry);
    }
    return 0;
  }

  #firstAtOrAbove(sequence: number): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#order[middle].sequence < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #tidy(): void {
    this.#order = this.#order.filter((entry) => entry.alive);
    if (this.#buckets.length > BUCKETS_MIN && this.count * 4 < this.#buckets.length) {
      this.#resize(Math.max(BUCKETS_MIN, this.#buckets.length / 2));
    }
  }

  #resize(size: number): void {
    const buckets = new Array<Entry | null>(size).fill(null);
    for (let entry of this.#buckets) {
      while (entry !== null) {
        const next: Entry | null = entry.next;
        const bucket = entry.hash & (size - 1);
        entry.next = buckets[bucket];
        buckets[bucket] = entry;
        entry = next;
      }
    }
    this.#buckets = buckets;
  }
}
