// CLIENT TRACKING: clients that keep copies of what they have read are told when a key changes. The rules are those of
// the client-side caching protocol: without BCAST the server remembers which keys a client has read and tells it once;
// with BCAST it tells of every key with one of the client's prefixes.

import type { Arguments } from '@slotmesh/resp';
import { latin1, latin1Bytes } from './bytes.ts';
import type { ClientRegistry } from './clients.ts';
import type { Session } from './session.ts';
import { type TrackingOptions, TrackingState } from './tracking-state.ts';

const CHANNEL = '__redis__:invalidate';

export class Tracking {
  /** Upper bound of remembered keys: `tracking-table-max-keys`, 0 = none. */
  keysMax = 1_000_000;

  /** Some client tracks keys; a field, for it is looked at with every command. */
  isActive = false;
  /** Whose command is running: messages to that client wait for its reply. */
  current: Session | null = null;

  readonly #clients: ClientRegistry;
  /** Clients with tracking on. */
  readonly #sessions = new Set<Session>();
  /** Which clients may hold a copy of a key. */
  readonly #readers = new Map<string, Set<Session>>();
  /** Keys that changed under a running command, for its own client: told when its reply is complete. */
  #own: string[] = [];
  /** BCAST: keys that have changed since the last messages, with who changed them. */
  #changed = new Map<string, Session | null>();
  #flushed: Session | null | undefined;

  constructor(clients: ClientRegistry) {
    this.#clients = clients;
  }

  get clientCount(): number {
    return this.#sessions.size;
  }
  get keyCount(): number {
    return this.#readers.size;
  }
  /** Pairs of a key and a client that may hold a copy. */
  get itemCount(): number {
    let count = 0;
    for (const readers of this.#readers.values()) count += readers.size;
    return count;
  }
  get prefixCount(): number {
    const prefixes = new Set<string>();
    for (const { tracking } of this.#sessions) {
      for (const prefix of tracking?.prefixes ?? []) prefixes.add(prefix);
    }
    return prefixes.size;
  }

  turnOn(session: Session, options: TrackingOptions, prefixes: readonly string[]): void {
    if (session.tracking === null) session.tracking = new TrackingState(options);
    else session.tracking.options = options;
    for (const prefix of prefixes) session.tracking.prefixes.add(prefix);
    if (options.broadcast && session.tracking.prefixes.size === 0) {
      session.tracking.prefixes.add('');
    }
    session.tracking.redirectBroken = false;
    this.#sessions.add(session);
    this.isActive = true;
    this.current = session;
  }

  turnOff(session: Session): void {
    session.tracking = null;
    this.#sessions.delete(session);
    this.isActive = this.#sessions.size > 0;
  }

  /** The session is gone: its own tracking ends, and who redirected to it is told. */
  forget(session: Session): void {
    this.turnOff(session);
    for (const other of this.#sessions) {
      if (other.tracking?.options.redirectId !== session.id) continue;
      other.tracking.redirectBroken = true;
      tellOfBrokenRedirect(other);
    }
  }

  /** A command of this tracking client has read keys: arguments `first`, `first + step`, ... to `last`. */
  read(session: Session, args: Arguments, first: number, last: number, step: number): void {
    const { options, caching } = session.tracking!;
    if (options.broadcast) return;
    if (options.optIn && caching !== 'yes') return;
    if (options.optOut && caching === 'no') return;
    for (let i = first; i <= last; i += step) {
      const key = latin1(args.buffer, args.starts[i], args.ends[i]);
      const readers = this.#readers.get(key);
      if (readers === undefined) this.#readers.set(key, new Set([session]));
      else readers.add(session);
    }
    if (this.keysMax > 0) while (this.#readers.size > this.keysMax) this.#dropOldest();
  }

  /** A key has changed. `by` is the client whose command did it. */
  invalidate(key: string, by: Session | null): void {
    this.#changed.set(key, by);
    const readers = this.#readers.get(key);
    if (readers === undefined) return;
    this.#readers.delete(key);
    for (const session of readers) {
      const { tracking } = session;
      if (tracking === null || session.closed || tracking.options.broadcast) continue;
      if (session === by && tracking.options.noLoop) continue;
      if (session === this.current) this.#own.push(key);
      else this.#tell(session, [key]);
    }
  }

  /** Every key has changed: a null in place of keys. */
  invalidateAll(by: Session | null): void {
    this.#readers.clear();
    this.#flushed = by;
  }

  /** The command at hand is complete, its reply too: what waited for that is sent. */
  flush(by: Session): void {
    this.current = null;
    if (this.#own.length > 0) {
      const keys = this.#own;
      this.#own = [];
      if (by.tracking !== null) for (const key of keys) this.#tell(by, [key]);
    }
    if (this.#flushed !== undefined) {
      this.#flushed = undefined;
      for (const session of this.#sessions) this.#tell(session, null);
    }
    if (this.#changed.size === 0) return;
    const changed = this.#changed;
    this.#changed = new Map();
    for (const session of this.#sessions) this.#broadcast(session, changed);
  }

  #broadcast(session: Session, changed: ReadonlyMap<string, Session | null>): void {
    const { options, prefixes } = session.tracking!;
    if (!options.broadcast) return;
    for (const prefix of prefixes) {
      const keys: string[] = [];
      for (const [key, by] of changed) {
        if (options.noLoop && by === session) continue;
        if (key.startsWith(prefix)) keys.push(key);
      }
      if (keys.length > 0) this.#tell(session, keys);
    }
  }

  #dropOldest(): void {
    for (const key of this.#readers.keys()) {
      this.invalidate(key, null);
      return;
    }
  }

  /** Sends a message to a tracking client or to the one that it named; null: all keys. */
  #tell(session: Session, keys: readonly string[] | null): void {
    const { redirectId } = session.tracking!.options;
    const receiver = redirectId === 0 ? session : this.#clients.get(redirectId);
    if (receiver === undefined || receiver.closed) {
      session.tracking!.redirectBroken = true;
      tellOfBrokenRedirect(session);
      return;
    }
    const { reply } = receiver;
    if (reply.protocol === 3) {
      reply.push(2);
      reply.text('invalidate');
    } else if (redirectId !== 0 && receiver.channels.has(CHANNEL)) {
      reply.array(3);
      reply.text('message');
      reply.text(CHANNEL);
    } else {
      // An older client can hear of nothing that it has not subscribed to.
      return;
    }
    if (keys === null) reply.null();
    else {
      reply.array(keys.length);
      for (const key of keys) reply.bulk(latin1Bytes(key));
    }
    receiver.pushedLength = reply.length;
    receiver.transport.wake();
  }
}

function tellOfBrokenRedirect(session: Session): void {
  const { reply, tracking } = session;
  if (reply.protocol !== 3 || tracking === null) return;
  reply.push(2);
  reply.text('tracking-redir-broken');
  reply.integer(tracking.options.redirectId);
  session.pushedLength = reply.length;
  session.transport.wake();
}
