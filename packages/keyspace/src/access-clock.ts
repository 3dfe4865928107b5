// Hot path: when and how often a key was used, in 24 bits; bench in bench/keyspace.bench.ts.
//
// As in Redis: seconds of the last access, or, for the LFU policies, minutes of the last decay (16 bits) above a counter
// (8 bits) that grows with the logarithm of the accesses.

const SECONDS_MASK = 0xffffff;
const MINUTES_MASK = 0xffff;
const COUNTER_MAX = 255;
/** What a new key begins with: enough not to be evicted before it had a chance. */
const COUNTER_START = 5;

/** A small generator for decisions that need no secrecy (Marsaglia's xorshift). */
export class Xorshift {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** A uint32. */
  readonly next = (): number => {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  };
}

export class AccessClock {
  /** Counts accesses (LFU) instead of noting their time (LRU). */
  countsAccesses = false;
  /** As `lfu-log-factor` and `lfu-decay-time`. */
  logFactor = 10;
  decayMinutes = 1;

  #nowMs = -1;
  #seconds = 0;
  #minutes = 0;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  set(nowMs: number): void {
    if (nowMs === this.#nowMs) return;
    this.#nowMs = nowMs;
    const seconds = Math.floor(nowMs / 1000);
    this.#seconds = seconds & SECONDS_MASK;
    this.#minutes = Math.floor(seconds / 60) & MINUTES_MASK;
  }

  /** The access data of a new key. */
  fresh(): number {
    return this.countsAccesses ? (this.#minutes << 8) | COUNTER_START : this.#seconds;
  }

  /** The access data after one more access. */
  touched(access: number): number {
    if (!this.countsAccesses) return this.#seconds;
    let counter = this.frequency(access);
    if (counter < COUNTER_MAX) {
      const base = Math.max(0, counter - COUNTER_START);
      if ((this.#random() / 2 ** 32) * (base * this.logFactor + 1) < 1) counter++;
    }
    return (this.#minutes << 8) | counter;
  }

  /** The access data of a key whose idle time or counter is known; -1 where the one that is kept is not. */
  from(idleMs: number | null, frequency: number | null): number {
    if (this.countsAccesses) return frequency === null ? -1 : (this.#minutes << 8) | frequency;
    if (idleMs === null) return -1;
    // What is longer ago than the clock's whole round is as long ago as it can be.
    const seconds = Math.min(Math.floor(idleMs / 1000), SECONDS_MASK - 1);
    return (this.#seconds - seconds) & SECONDS_MASK;
  }

  idleMs(access: number): number {
    return ((this.#seconds - access) & SECONDS_MASK) * 1000;
  }

  /** The counter, less what time has taken from it. */
  frequency(access: number): number {
    const counter = access & 0xff;
    if (this.decayMinutes === 0) return counter;
    const minutes = (this.#minutes - (access >>> 8)) & MINUTES_MASK;
    return Math.max(0, counter - Math.floor(minutes / this.decayMinutes));
  }
}
