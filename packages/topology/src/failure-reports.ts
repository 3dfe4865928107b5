// Who reported one node as failing, and when. In a simulated cluster of a thousand nodes that loses a
// hundred there are tens of millions of reports, and each new one asks for their number: so they are a
// column, and it is gone through only where there may be something to drop.

import type { NodeIndex } from './node.ts';

const NONE = Number.NEGATIVE_INFINITY;

export class FailureReports {
  /** By reporter: Unix milliseconds, or {@link NONE}. */
  #timesMs = new Float64Array(16).fill(NONE);
  #size = 0;
  /** No report is older. */
  #oldestMs = Number.POSITIVE_INFINITY;
  /** The state of roles and slots, by the table's count, in which all reporters were found to vote; -1 = none. */
  voterRevision = -1;

  get size(): number {
    return this.#size;
  }

  /** True if the reporter had not said so before. */
  set(reporter: NodeIndex, timeMs: number): boolean {
    if (reporter >= this.#timesMs.length) this.#grow(reporter + 1);
    const isNew = this.#timesMs[reporter] === NONE;
    this.#timesMs[reporter] = timeMs;
    if (isNew) this.#size++;
    if (timeMs < this.#oldestMs) this.#oldestMs = timeMs;
    return isNew;
  }

  /** True if there was a report of this reporter. */
  delete(reporter: NodeIndex): boolean {
    if (reporter >= this.#timesMs.length || this.#timesMs[reporter] === NONE) return false;
    this.#timesMs[reporter] = NONE;
    this.#size--;
    return true;
  }

  /** By index. Reports may be deleted while they are walked. */
  *reporters(): Generator<NodeIndex> {
    const timesMs = this.#timesMs;
    for (let i = 0; i < timesMs.length; i++) if (timesMs[i] !== NONE) yield i as NodeIndex;
  }

  /** Drops the reports that are older than this. */
  dropBefore(oldestMs: number): void {
    if (this.#oldestMs >= oldestMs) return;
    const timesMs = this.#timesMs;
    this.#oldestMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < timesMs.length; i++) {
      const timeMs = timesMs[i];
      if (timeMs === NONE) continue;
      if (timeMs < oldestMs) this.delete(i as NodeIndex);
      else if (timeMs < this.#oldestMs) this.#oldestMs = timeMs;
    }
  }

  #grow(rows: number): void {
    const former = this.#timesMs;
    this.#timesMs = new Float64Array(Math.max(rows, former.length * 2)).fill(NONE);
    this.#timesMs.set(former);
  }
}
