// CLIENT PAUSE: commands wait for a time, all of them or those that write.

import type { Session } from './session.ts';

export type PauseMode = 'write' | 'all';

export class Pause {
  /** Null while nothing is paused. Changed by the methods below only. */
  mode: PauseMode | null = null;
  #endMs = 0;
  /** Clients with commands that wait. */
  readonly waiting: Set<Session> = new Set();

  /** A pause that is under way becomes stricter or longer, never less. */
  begin(mode: PauseMode, endMs: number): void {
    if (this.mode !== 'all') this.mode = mode;
    this.#endMs = Math.max(this.#endMs, endMs);
  }

  /** Ends it where its time is over. */
  check(nowMs: number): void {
    if (this.mode !== null && nowMs >= this.#endMs) this.end();
  }

  end(): void {
    this.mode = null;
    this.#endMs = 0;
  }
}
