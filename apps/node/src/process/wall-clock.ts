// Hot path (per command). The time that commands see. While a chunk of commands is being executed, it is read once for
// all of them: to ask two clocks costs a tenth of a GET. Commands that may take long are timed one by one, and whoever
// times a command asks the monotonic clock: what was read before that is not used any more.
//
// The wall clock in microseconds: Date.now() has milliseconds only, and the finer part comes from the monotonic clock,
// set anew whenever the two have parted, so that a clock that was set is followed.

import type { ClockPort } from '@slotmesh/commands';
import type { ClusterClock } from '@slotmesh/io';
import type { Millis } from '@slotmesh/machine';

/** Rounding alone keeps the two up to a millisecond apart. */
const DRIFT_MS_MAX = 2;

export class WallClock implements ClockPort {
  readonly #clusterClock: ClusterClock;
  #originMs = Date.now() - performance.now();
  #inBatch = false;
  /** What was read in this batch is still good. */
  #isRead = false;
  #batchWallMs = 0;
  #batchClusterMs: Millis = 0;

  constructor(clusterClock: ClusterClock) {
    this.#clusterClock = clusterClock;
  }

  /** From here to {@link endBatch} nothing happens but commands. */
  beginBatch(): void {
    this.#inBatch = true;
    this.#isRead = false;
  }

  endBatch(): void {
    this.#inBatch = false;
  }

  wallMs(): number {
    if (!this.#inBatch) return Date.now();
    if (!this.#isRead) this.#read();
    return this.#batchWallMs;
  }

  /** The cluster's time, by which a command is let in. */
  clusterMs(): Millis {
    if (!this.#inBatch) return this.#clusterClock.now();
    if (!this.#isRead) this.#read();
    return this.#batchClusterMs;
  }

  wallUs(): number {
    const wallMs = Date.now();
    const monotonicMs = performance.now();
    if (Math.abs(this.#originMs + monotonicMs - wallMs) > DRIFT_MS_MAX) {
      this.#originMs = wallMs - monotonicMs;
    }
    return Math.floor((this.#originMs + monotonicMs) * 1000);
  }

  monotonicUs(): number {
    this.#isRead = false;
    return performance.now() * 1000;
  }

  #read(): void {
    this.#isRead = true;
    this.#batchWallMs = Date.now();
    this.#batchClusterMs = this.#clusterClock.now();
  }
}
