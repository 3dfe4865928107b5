// Writes of clients that wait for the end of a handover, or of the process.

export class PausedWrites {
  /** By the node's clock; -1 = there is no pause. */
  #untilMs = -1;
  readonly #held: (() => void)[] = [];

  get isPaused(): boolean {
    return this.#untilMs >= 0;
  }

  pause(untilMs: number): void {
    this.#untilMs = untilMs;
  }

  isOver(nowMs: number): boolean {
    return this.isPaused && nowMs >= this.#untilMs;
  }

  /** Keeps a write until {@link take}. */
  hold(read: () => void): void {
    this.#held.push(read);
  }

  /** Ends the pause, and gives what was held. */
  take(): (() => void)[] {
    this.#untilMs = -1;
    return this.#held.splice(0);
  }
}
