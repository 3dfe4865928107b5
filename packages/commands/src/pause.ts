// Pauses: commands wait for a time, all of them or those that write. There may be one that a client asked for (CLIENT PAUSE)
// and one of the server's own (a manual failover) at once; each ends by itself, and the stricter one counts.

import type { Session } from './session.ts';

export type PauseMode = 'write' | 'all';
export type PausePurpose = 'client' | 'failover';

interface Running {
  readonly mode: PauseMode;
  readonly endMs: number;
}

export class Pause {
  /** Null while nothing is paused. Changed by the methods below only. */
  mode: PauseMode | null = null;
  readonly #running = new Map<PausePurpose, Running>();
  /** Clients with commands that wait for the end. */
  readonly waiting: Set<Session> = new Set();
  /** Called when {@link mode} becomes null, or is null no more. */
  onChange: () => void = () => undefined;

  /** A pause that is under way becomes stricter or longer, never less. */
  begin(mode: PauseMode, endMs: number, purpose: PausePurpose = 'client'): void {
    const before = this.#running.get(purpose);
    this.#running.set(purpose, {
      mode: before?.mode === 'all' ? 'all' : mode,
      endMs: Math.max(before?.endMs ?? 0, endMs),
    });
    this.#settle();
  }

  /** Ends those whose time is over. */
  check(nowMs: number): void {
    if (this.mode === null) return;
    for (const [purpose, { endMs }] of this.#running) if (nowMs >= endMs) this.end(purpose);
  }

  end(purpose: PausePurpose = 'client'): void {
    if (this.#running.delete(purpose)) this.#settle();
  }

  #settle(): void {
    const was = this.mode;
    this.mode = null;
    for (const { mode } of this.#running.values()) if (this.mode !== 'all') this.mode = mode;
    if ((was === null) !== (this.mode === null)) this.onChange();
  }
}
