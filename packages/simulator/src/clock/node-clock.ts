// A node's clock, as the app keeps it: Unix time is read once, when the process starts, and carried
// on by a monotonic clock, whose rate is not quite that of others. Jumps of the wall clock reach the
// rules at the next start only.

/** 2023-11-14, when every run begins. */
export const UNIX_START_MS = 1_700_000_000_000;

/** From one tick to the next, by the node's own clock. */
export const TICK_MS = 100;

export class NodeClock {
  /** Milliseconds of this clock in a millisecond of virtual time. */
  readonly rate: number;
  /** How far the wall clock of its machine is ahead of virtual time, ms. Faults change it. */
  wallOffsetMs = 0;
  /**
   * Milliseconds, by this clock, from one tick to the next, where they are not regular: timers that
   * are late, or that make up for what they missed. Asked for each tick.
   */
  tickMs: (() => number) | null = null;
  #startMs = 0;
  #unixMs: number = UNIX_START_MS;

  constructor(rate: number) {
    this.rate = rate;
  }

  /** A process starts at this virtual time: the wall clock is read. */
  start(atMs: number): void {
    this.#startMs = atMs;
    this.#unixMs = UNIX_START_MS + atMs + this.wallOffsetMs;
  }

  /** What the process takes for Unix time, whole ms, never decreasing within a life. */
  read(atMs: number): number {
    return this.#unixMs + Math.floor((atMs - this.#startMs) * this.rate);
  }

  /** The virtual time that passes while this clock goes on by so much, whole ms. */
  virtual(localMs: number): number {
    return Math.max(1, Math.round(localMs / this.rate));
  }
}
