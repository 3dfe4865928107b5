// Nodes that were forgotten, and until when: until then gossip cannot bring them back, so that an
// operator has the time to tell every node (or the forgotten-node extension has, to tell them by
// itself).

import { BANS_PER_MESSAGE_MAX, BLACKLIST_MAX } from './limits.ts';

/** A ban as it is passed on. */
export interface Ban {
  readonly id: string;
  readonly ttlS: number;
}

const NO_BANS: readonly Ban[] = [];

/** Ids of forgotten nodes with the time at which their ban ends. */
export class Blacklist {
  readonly #endsMs = new Map<string, number>();
  /**
   * Nodes that an operator added again: for as long, the bans of other nodes do not reach them
   * here.
   */
  readonly #pardonedMs = new Map<string, number>();

  /** When an operator ordered here to forget a node whose ban is not over. */
  readonly #forgottenMs = new Map<string, number>();

  get size(): number {
    return this.#endsMs.size;
  }

  /** Bans an id until `endMs`; a ban that ends later stays. */
  add(id: string, endMs: number): void {
    const known = this.#endsMs.get(id);
    if (known !== undefined && known >= endMs) return;
    setBounded(this.#endsMs, id, endMs);
  }

  /**
   * An operator wants the node back: its ban ends, and until `untilMs` another node's word does not
   * renew it.
   */
  pardon(id: string, untilMs: number): void {
    this.#endsMs.delete(id);
    this.#forgottenMs.delete(id);
    setBounded(this.#pardonedMs, id, untilMs);
  }

  isPardoned(id: string, nowMs: number): boolean {
    return (this.#pardonedMs.get(id) ?? 0) > nowMs;
  }

  /** An operator's order to forget a node ends its pardon, and bans it until `endMs`. */
  forget(id: string, nowMs: number, endMs: number): void {
    this.#pardonedMs.delete(id);
    this.add(id, endMs);
    setBounded(this.#forgottenMs, id, nowMs);
  }

  /** Whether an operator ordered here to forget it later than that. */
  wasForgottenAfter(id: string, ms: number): boolean {
    return (this.#forgottenMs.get(id) ?? Number.NEGATIVE_INFINITY) > ms;
  }

  has(id: string, nowMs: number): boolean {
    return (this.#endsMs.get(id) ?? 0) > nowMs;
  }

  /**
   * The latest bans that are not over, with whole seconds left, rounded down: passing a ban on
   * never makes it longer.
   */
  active(nowMs: number): readonly Ban[] {
    if (this.#endsMs.size === 0) return NO_BANS;
    const bans: Ban[] = [];
    for (const [id, endMs] of this.#endsMs) {
      const ttlS = Math.floor((endMs - nowMs) / 1000);
      if (ttlS > 0) bans.push({ id, ttlS });
    }
    return bans.slice(-BANS_PER_MESSAGE_MAX);
  }

  /** Lets go of the bans that are over. */
  expire(nowMs: number): void {
    for (const times of [this.#endsMs, this.#pardonedMs]) {
      for (const [id, endMs] of times) if (endMs <= nowMs) times.delete(id);
    }
    for (const id of this.#forgottenMs.keys()) {
      if (!this.#endsMs.has(id)) this.#forgottenMs.delete(id);
    }
  }
}

function setBounded(times: Map<string, number>, id: string, endMs: number): void {
  times.delete(id);
  times.set(id, endMs);
  if (times.size <= BLACKLIST_MAX) return;
  const [oldest] = times.keys();
  times.delete(oldest);
}
