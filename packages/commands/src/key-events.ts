// Who hears of what happens to keys: watching transactions, clients that track what they have read, and subscribers of
// keyspace notifications. While there is nobody, handlers pay one branch.

import { latin1, latin1Bytes } from './bytes.ts';
import type { PubSub } from './pubsub.ts';
import type { Session } from './session.ts';
import type { Tracking } from './tracking.ts';
import type { WatchedKeys } from './watched-keys.ts';

/** Bits of `notify-keyspace-events`: where an event is published, and of what kind it is. */
export const KeyEventClass = {
  /** `K`: on the channel of the key. */
  byKey: 1,
  /** `E`: on the channel of the event. */
  byEvent: 2,
  generic: 4,
  string: 8,
  list: 16,
  set: 32,
  hash: 64,
  sortedSet: 128,
  expired: 256,
  evicted: 512,
  stream: 1024,
  missed: 2048,
  module: 4096,
  created: 8192,
} as const;

const LETTERS: ReadonlyMap<string, number> = new Map([
  ['K', KeyEventClass.byKey],
  ['E', KeyEventClass.byEvent],
  ['g', KeyEventClass.generic],
  ['$', KeyEventClass.string],
  ['l', KeyEventClass.list],
  ['s', KeyEventClass.set],
  ['h', KeyEventClass.hash],
  ['z', KeyEventClass.sortedSet],
  ['x', KeyEventClass.expired],
  ['e', KeyEventClass.evicted],
  ['t', KeyEventClass.stream],
  ['m', KeyEventClass.missed],
  ['d', KeyEventClass.module],
  ['n', KeyEventClass.created],
]);
/** What `A` stands for: all but misses and new keys. */
const ALL = 'g$lshzxetd';

/** The bits of a directive's letters; nothing is published where neither K nor E is among them. */
export function keyEventClasses(letters: string): number {
  let classes = 0;
  for (const letter of letters.replace('A', ALL)) classes |= LETTERS.get(letter) ?? 0;
  return (classes & (KeyEventClass.byKey | KeyEventClass.byEvent)) === 0 ? 0 : classes;
}

export class KeyEvents {
  /** Somebody wants to hear of changes. */
  isObserved = false;
  /** Which classes are published: `notify-keyspace-events` as {@link keyEventClasses} gives it. */
  classes = 0;

  readonly #pubsub: PubSub;
  readonly #watched: WatchedKeys;
  readonly #tracking: Tracking;

  constructor(pubsub: PubSub, watched: WatchedKeys, tracking: Tracking) {
    this.#pubsub = pubsub;
    this.#watched = watched;
    this.#tracking = tracking;
  }

  /** To be called when clients begin or end to watch or to track keys, and when {@link classes} has changed. */
  update(): void {
    this.isObserved = this.classes !== 0 || this.#watched.size > 0 || this.#tracking.isActive;
  }

  /** The value or the expiry of a key has changed, by a command of `by` or by the server itself (null). */
  touched(
    database: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    by: Session | null,
  ): void {
    if (this.#watched.size === 0 && !this.#tracking.isActive) return;
    const key = latin1(bytes, start, end);
    if (this.#watched.size > 0) this.#watched.touch(database, key);
    if (this.#tracking.isActive) this.#tracking.invalidate(key, by);
  }

  /** Everything in a database has changed; -1 = in all of them. */
  flushed(database: number, by: Session | null): void {
    if (this.#watched.size > 0) this.#watched.touchAll(database);
    if (this.#tracking.isActive) this.#tracking.invalidateAll(by);
  }

  publish(
    database: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    kind: number,
    event: string,
  ): void {
    const classes = this.classes;
    if ((classes & kind) === 0) return;
    const key = bytes.slice(start, end);
    const name = latin1Bytes(event);
    if ((classes & KeyEventClass.byKey) !== 0) {
      const channel = latin1Bytes(`__keyspace@${database}__:${latin1(key)}`);
      this.#pubsub.publish(false, channel, name);
    }
    if ((classes & KeyEventClass.byEvent) !== 0) {
      this.#pubsub.publish(false, latin1Bytes(`__keyevent@${database}__:${event}`), key);
    }
  }
}
