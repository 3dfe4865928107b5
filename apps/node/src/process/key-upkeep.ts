// What the keyspace has to do by itself: deleting keys that have expired, giving back the memory of slots and large
// values that were deleted, and closing the holes that deletions leave. In slices of less than a millisecond, with
// pauses between them for the clients; with nothing to do, one look a turn.

import type { Keyspace } from '@slotmesh/keyspace';

/** Keys per slice; one takes one to two microseconds. */
const KEYS_PER_SLICE = 400;
/** Between two slices, so that upkeep takes a quarter of the time at most. */
const PAUSE_MS = 2;

export class KeyUpkeep {
  readonly #keyspace: Keyspace;
  readonly #expires: () => boolean;
  #timer: NodeJS.Timeout | undefined;

  /** `expires` says whether expired keys may be deleted now. */
  constructor(keyspace: Keyspace, expires: () => boolean) {
    this.#keyspace = keyspace;
    this.#expires = expires;
  }

  /** Does one slice, and goes on by itself as long as there is more. */
  run(): void {
    clearTimeout(this.#timer);
    const keyspace = this.#keyspace;
    let left = KEYS_PER_SLICE;
    // In this order: what is deleted has to be given back, and that makes holes.
    if (this.#expires()) left -= keyspace.expireCycle(Date.now(), left);
    if (left > 0) left -= keyspace.reclaim(left);
    if (left > 0) left -= keyspace.compact(left);
    if (left <= 0) {
      this.#timer = setTimeout(() => this.run(), PAUSE_MS);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
