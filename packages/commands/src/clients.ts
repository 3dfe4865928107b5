// Who is connected. CLIENT LIST and CLIENT KILL look through it; INFO counts it.

import type { Session } from './session.ts';

export class ClientRegistry {
  readonly #sessions = new Map<number, Session>();

  get size(): number {
    return this.#sessions.size;
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session);
  }

  remove(session: Session): void {
    this.#sessions.delete(session.id);
  }

  get(id: number): Session | undefined {
    return this.#sessions.get(id);
  }

  /** In the order in which they connected. */
  [Symbol.iterator](): Iterator<Session> {
    return this.#sessions.values();
  }
}
