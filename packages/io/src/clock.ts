// The cluster's clock: Unix time read once, carried on by the monotonic clock. A jump of the wall clock (NTP, an operator,
// a suspended machine) never reaches the cluster's rules, so no node is declared dead because somebody set the time.

import type { Millis } from '@slotmesh/machine';

/** Where time comes from. Milliseconds, fractions allowed. */
export interface TimeSource {
  /** Unix time. */
  wallMs(): number;
  /** Any origin; never decreases. */
  monotonicMs(): number;
}

export const systemTime: TimeSource = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export class ClusterClock {
  readonly #source: TimeSource;
  readonly #offsetMs: number;

  constructor(source: TimeSource = systemTime) {
    this.#source = source;
    this.#offsetMs = Math.floor(source.wallMs()) - source.monotonicMs();
  }

  /** Unix time in whole milliseconds as of the start, plus what has passed since; never decreases. */
  now(): Millis {
    return Math.floor(this.#offsetMs + this.#source.monotonicMs());
  }
}

/**
 * Notices that this process stood still: paused, swapped out, a long collection, a command that took too long.
 * Feed it the clock before anything that relies on what was true "a moment ago".
 */
export class StallDetector {
  readonly #thresholdMs: number;
  #lastMs: Millis;

  /** `thresholdMs`: the longest gap between two looks that is still normal. */
  constructor(nowMs: Millis, thresholdMs: number) {
    this.#lastMs = nowMs;
    this.#thresholdMs = thresholdMs;
  }

  /** How long the process stood still before this look, in milliseconds; 0 if the gap was a normal one. */
  observe(nowMs: Millis): number {
    const gapMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    return gapMs > this.#thresholdMs ? gapMs : 0;
  }
}
