// WATCH: which transactions a changed key spoils.

import type { Database } from '@slotmesh/keyspace';
import { latin1Bytes } from './bytes.ts';
import type { Session } from './session.ts';
import type { Watch } from './watch.ts';

/** By database and key; the name of a database cannot run into that of a key. */
const nameOf = (database: number, key: string): string => `${database} ${key}`;

export class WatchedKeys {
  readonly #sessions = new Map<string, Set<Session>>();
  /** Clients that watch something. */
  readonly #watchers = new Set<Session>();

  /** How many clients watch keys. */
  get size(): number {
    return this.#watchers.size;
  }

  add(session: Session, watch: Watch): void {
    const { database, key } = watch;
    if (session.watches.some((other) => other.database === database && other.key === key)) return;
    session.watches.push(watch);
    this.#watchers.add(session);
    const name = nameOf(database, key);
    const sessions = this.#sessions.get(name);
    if (sessions === undefined) this.#sessions.set(name, new Set([session]));
    else sessions.add(session);
  }

  /** The session watches nothing any more. */
  forget(session: Session): void {
    if (session.watches.length === 0) return;
    for (const { database, key } of session.watches) {
      const name = nameOf(database, key);
      const sessions = this.#sessions.get(name);
      if (sessions?.delete(session) && sessions.size === 0) this.#sessions.delete(name);
    }
    session.watches = [];
    this.#watchers.delete(session);
  }

  touch(database: number, key: string): void {
    const sessions = this.#sessions.get(nameOf(database, key));
    if (sessions !== undefined) for (const session of sessions) session.watchBroken = true;
  }

  /** A database has been emptied (-1 = all): keys that were not there have not changed. */
  touchAll(database: number): void {
    for (const session of this.#watchers) {
      for (const watch of session.watches) {
        if (database >= 0 && watch.database !== database) continue;
        if (watch.existed) session.watchBroken = true;
      }
    }
  }

  /** Two databases are about to change places: a key that is in either of them changes. */
  swapping(databases: readonly Database[], first: number, second: number, nowMs: number): void {
    for (const session of this.#watchers) {
      for (const { database, key, slot } of session.watches) {
        if (database !== first && database !== second) continue;
        const bytes = latin1Bytes(key);
        const isThere = (number: number): boolean =>
          databases[number].find(slot, bytes, 0, bytes.length, nowMs);
        if (isThere(first) || isThere(second)) session.watchBroken = true;
      }
    }
  }

  /** Whether a key that the session watches has expired since. */
  hasExpired(session: Session, databases: readonly Database[], nowMs: number): boolean {
    return session.watches.some(({ database, key, slot, existed }) => {
      const bytes = latin1Bytes(key);
      return existed && !databases[database].find(slot, bytes, 0, bytes.length, nowMs);
    });
  }
}
