// How long to wait before trying again: exponential growth with full jitter, so that a hundred nodes that lost the same
// peer do not come back in step.

import type { Random } from '@slotmesh/machine';

export interface BackoffOptions {
  /** Bound of the first wait. */
  readonly baseMs: number;
  /** Bound of every wait. */
  readonly maxMs: number;
}

export const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 100, maxMs: 5_000 };

export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: Random;
  #failures = 0;

  constructor(random: Random, options: BackoffOptions = DEFAULT_BACKOFF) {
    this.#random = random;
    this.#options = options;
  }

  /** Failures since the last {@link succeeded}. */
  get failures(): number {
    return this.#failures;
  }

  /** Notes a failure and says how long to wait: from half the bound up to the bound, which doubles each time. */
  failed(): number {
    const bound = Math.min(
      this.#options.maxMs,
      this.#options.baseMs * 2 ** Math.min(this.#failures, 30),
    );
    this.#failures++;
    const half = Math.floor(bound / 2);
    return half + this.#random.below(bound - half + 1);
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
