// The entries that expire, soonest first: a binary heap in which each entry knows its place, so that it can leave.

import type { Entry } from './slot-table.ts';

export class ExpiryQueue {
  readonly #heap: Entry[] = [];
  /** Sum of all expiries, for the mean time to live. */
  #totalMs = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** The entry that expires first, or undefined. */
  get first(): Entry | undefined {
    return this.#heap[0];
  }

  meanExpireAtMs(): number {
    return this.#heap.length === 0 ? 0 : this.#totalMs / this.#heap.length;
  }

  /** The entry must not be in the queue; its expiry must be set. */
  add(entry: Entry): void {
    this.#totalMs += entry.expireAtMs;
    this.#heap.push(entry);
    this.#rise(entry, this.#heap.length - 1);
  }

  /** Takes an entry out, if it is in; its expiry must still be the one with which it came. */
  remove(entry: Entry): void {
    const at = entry.queueIndex;
    if (at < 0) return;
    this.#totalMs -= entry.expireAtMs;
    entry.queueIndex = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#rise(last, at);
    this.#sink(last, last.queueIndex);
  }

  clear(): void {
    this.#heap.length = 0;
    this.#totalMs = 0;
  }

  #rise(entry: Entry, from: number): void {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above].expireAtMs <= entry.expireAtMs) break;
      heap[at] = heap[above];
      heap[at].queueIndex = at;
      at = above;
    }
    heap[at] = entry;
    entry.queueIndex = at;
  }

  #sink(entry: Entry, from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      const right = below + 1;
      if (right < heap.length && heap[right].expireAtMs < heap[below].expireAtMs) below = right;
      if (heap[below].expireAtMs >= entry.expireAtMs) break;
      heap[at] = heap[below];
      heap[at].queueIndex = at;
      at = below;
    }
    heap[at] = entry;
    entry.queueIndex = at;
  }
}
