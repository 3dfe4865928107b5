// The wall clock in microseconds. Date.now() has milliseconds only: the finer part comes from the monotonic clock, set
// anew whenever the two have parted, so that a clock that was set is followed.

import type { ClockPort } from '@slotmesh/commands';

/** Rounding alone keeps the two up to a millisecond apart. */
const DRIFT_MS_MAX = 2;

export class WallClock implements ClockPort {
  #originMs = Date.now() - performance.now();

  wallMs(): number {
    return Date.now();
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
    return performance.now() * 1000;
  }
}
