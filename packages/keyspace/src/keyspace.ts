// The interface of a node's values. What is behind it may change; handlers only ever see byte ranges.
//
// Keys are ranges of a buffer, as they lie in the input: nothing is copied to look one up. Each call names the key's
// slot, which the caller knows already from routing; outside cluster mode there is one slot, 0. Times are Unix
// milliseconds of the wall clock. An expired key is never seen: whoever meets one deletes it.

/** "Does not expire", where an expiry is expected. */
export const NO_EXPIRY = -1;

/** One database. */
export interface Database {
  /** Number of keys, those that expired and were not met yet included. */
  readonly size: number;
  /** Number of keys with an expiry. */
  readonly expiringCount: number;
  /** Mean of the remaining times to live of the keys that expire, 0 where there are none. */
  averageTtlMs(nowMs: number): number;

  /** Looks a key up. On true the `found*` fields describe it, until the next call of any method. */
  find(slot: number, bytes: Uint8Array, start: number, end: number, nowMs: number): boolean;
  /** The value lies in `foundBytes[foundStart, foundEnd)`; a view, not to be changed. */
  readonly foundBytes: Uint8Array;
  readonly foundStart: number;
  readonly foundEnd: number;
  /** Unix milliseconds, or {@link NO_EXPIRY}. */
  readonly foundExpireAtMs: number;
  /** The type's name as TYPE prints it. */
  readonly foundType: string;
  /** Milliseconds since the access before this one, for OBJECT IDLETIME. */
  readonly foundIdleMs: number;
  /** Logarithmic access counter of 0 to 255, decayed up to now, for OBJECT FREQ. */
  readonly foundFrequency: number;
  /** Bytes that the found key costs, for MEMORY USAGE. */
  readonly foundMemoryBytes: number;
  /**
   * Whether `find` notes an access to the key it finds, for eviction: true unless it is changed. A command that only
   * looks (OBJECT, TTL, TYPE, a client in NO-TOUCH mode) sets it to false for as long as it runs.
   */
  touchOnFind: boolean;
  /** Notes an access to the found key whatever {@link touchOnFind} says: TOUCH from a client in NO-TOUCH mode. */
  touch(nowMs: number): void;

  /** Stores a copy of a string value under a copy of the key, in place of whatever was there. */
  setString(
    slot: number,
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    expireAtMs: number,
  ): void;
  /** As {@link setString}, for a value that lies in another buffer than the key. The buffer may be `foundBytes`. */
  setValue(
    slot: number,
    keyBytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueBytes: Uint8Array,
    valueStart: number,
    valueEnd: number,
    expireAtMs: number,
  ): void;
  /**
   * Makes the string value exactly `length` bytes long, keeping what fits and the expiry; new bytes are zero. Creates
   * the key, without an expiry, where it is missing. Afterwards the `found*` fields describe it, and the value's bytes
   * may be written, until the next call of any method.
   */
  reshape(
    slot: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    nowMs: number,
  ): void;
  /** Sets or clears ({@link NO_EXPIRY}) the expiry of a key that is there; false if it is not. */
  setExpiry(
    slot: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    expireAtMs: number,
    nowMs: number,
  ): boolean;
  /** True if the key was there. */
  delete(slot: number, bytes: Uint8Array, start: number, end: number, nowMs: number): boolean;
  /** Deletes every key; returns how many there were. */
  clear(): number;

  /** A copy of a key drawn at random; null where there is none. `random()` gives a uint32. */
  randomKey(random: () => number, nowMs: number): Uint8Array | null;

  countInSlot(slot: number): number;
  /** Copies of at most `limit` keys of a slot. */
  keysInSlot(slot: number, limit: number, nowMs: number): Uint8Array[];
  /** Deletes all keys of a slot; returns how many there were. */
  deleteSlot(slot: number): number;

  /** Calls `visit` with every key; the keyspace must not be changed meanwhile. The bytes are not to be changed. */
  forEachKey(nowMs: number, visit: KeyVisitor): void;
  /**
   * One step of a scan that begins at cursor 0: visits about `count` keys and returns the next cursor, 0 at the end.
   * A key that is there from a scan's begin to its end is visited, whatever else comes and goes; a scan ends even
   * while keys are added. Any cursor is accepted. `slot` limits the scan to one slot, -1 = all.
   */
  scan(cursor: bigint, count: number, slot: number, nowMs: number, visit: KeyVisitor): bigint;
}

export type KeyVisitor = (key: Uint8Array, type: string) => void;

/** All databases of a node. */
export interface Keyspace {
  readonly databases: readonly Database[];
  /** Keys deleted because they had expired, by whomever. */
  readonly expiredCount: number;
  /** Changes since the start: keys set, deleted, expired, given an expiry. Never goes down. */
  readonly changeCount: number;
  /** Deletes at most `limit` keys that have expired; returns how many it deleted. Call it from a timer. */
  expireCycle(nowMs: number, limit: number): number;
}
