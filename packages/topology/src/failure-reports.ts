// Who reported one node as failing, and when. In a simulated cluster of a thousand nodes that loses a
// hundred there are tens of millions of reports, and each new one asks for their number: so they are a
// column, of half the width of a time, and it is gone through only where there may be something to drop.

import type { NodeIndex } from './node.ts';

const NONE = 0;
/** The first report's place on the scale: 24 days after its beginning, and 24 days before its end. */
const MIDDLE = 2 ** 31;
const LAST = 2 ** 32 - 1;

export class FailureReports {
  /** By reporter: whole milliseconds since {@link #startMs}, from 1 on, or {@link NONE}. */
  #times = new Uint32Array(16);
  #startMs = Number.NaN;
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
    if (reporter >= this.#times.length) this.#grow(reporter + 1);
    const isNew = this.#times[reporter] === NONE;
    this.#times[reporter] = this.#timeOf(timeMs);
    if (isNew) this.#size++;
    if (timeMs < this.#oldestMs) this.#oldestMs = timeMs;
    return isNew;
  }

  /** True if there was a report of this reporter. */
  delete(reporter: NodeIndex): boolean {
    if (reporter >= this.#times.length || this.#times[reporter] === NONE) return false;
    this.#times[reporter] = NONE;
    this.#size--;
    return true;
  }

  /** By index. Reports may be deleted while they are walked. */
  *reporters(): Generator<NodeIndex> {
    const times = this.#times;
    for (let i = 0; i < times.length; i++) if (times[i] !== NONE) yield i as NodeIndex;
  }

  /** Drops the reports that are older than this. */
  dropBefore(oldestMs: number): void {
    if (this.#oldestMs >= oldestMs) return;
    const times = this.#times;
    this.#oldestMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < times.length; i++) {
      if (times[i] === NONE) continue;
      const timeMs = this.#startMs + times[i];
      if (timeMs < oldestMs) this.delete(i as NodeIndex);
      else if (timeMs < this.#oldestMs) this.#oldestMs = timeMs;
    }
  }

  /** The place of a time on the scale, which is moved where it does not reach so far. */
  #timeOf(timeMs: number): number {
    const time = Math.floor(timeMs) - this.#startMs;
    if (time > NONE && time <= LAST) return time;
    const former = this.#startMs;
    this.#startMs = Math.floor(timeMs) - MIDDLE;
    if (this.#size > 0) this.#shift(former - this.#startMs);
    return MIDDLE;
  }

  /** Reports that are 24 days away from the others are moved to where the scale ends. */
  #shift(byMs: number): void {
    const times = this.#times;
    for (let i = 0; i < times.length; i++) {
      if (times[i] !== NONE) times[i] = Math.min(Math.max(times[i] + byMs, NONE + 1), LAST);
    }
  }

  #grow(rows: number): void {
    const former = this.#times;
    this.#times = new Uint32Array(Math.max(rows, former.length * 2));
    this.#times.set(former);
  }
}
