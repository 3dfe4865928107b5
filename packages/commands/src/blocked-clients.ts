// Clients whose command waits for something before it answers. What they send meanwhile waits behind it, in order. A
// command blocks its client by `block` and writes nothing; whatever it waits for comes with `release`, which writes the
// reply. What has waited behind it runs afterwards, when no other command is running: the processor sees to that.

import type { Blocked } from './blocked.ts';
import type { Session } from './session.ts';

export class BlockedClients {
  readonly #sessions = new Set<Session>();
  /** Clients that were released and whose other commands have not run yet. */
  #released: Session[] = [];

  get size(): number {
    return this.#sessions.size;
  }

  /** Those whose wait has an end. */
  get timedCount(): number {
    let count = 0;
    for (const { blocked } of this.#sessions) if (Number.isFinite(blocked?.deadlineMs)) count++;
    return count;
  }

  /** Some were released and their other commands have not run yet. */
  get hasReleased(): boolean {
    return this.#released.length > 0;
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.#sessions.values();
  }

  block(session: Session, blocked: Blocked): void {
    session.blocked = blocked;
    session.isWaiting = true;
    this.#sessions.add(session);
    session.transport.setReading(false);
  }

  /** Ends the wait of a client. `write` writes its reply, which a client that wants to hear nothing does not get. */
  release(session: Session, write: () => void): void {
    if (session.blocked === null) return;
    session.blocked = null;
    this.#sessions.delete(session);
    const before = session.reply.length;
    write();
    if (session.replyMode === 'off') session.reply.truncate(before);
    this.#released.push(session);
  }

  /** Ends the waits whose time is over. */
  expire(nowMs: number): void {
    if (this.#sessions.size === 0) return;
    for (const session of [...this.#sessions]) {
      const { blocked } = session;
      if (blocked !== null && nowMs >= blocked.deadlineMs) {
        this.release(session, () => blocked.timedOut());
      }
    }
  }

  /** Those that were released since the last call. */
  takeReleased(): Session[] {
    const released = this.#released;
    this.#released = [];
    return released;
  }

  /** The client is gone. */
  forget(session: Session): void {
    session.blocked = null;
    this.#sessions.delete(session);
  }
}
