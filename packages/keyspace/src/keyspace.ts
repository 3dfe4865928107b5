// The interface of a node's values. What is behind it may change; handlers only ever see byte ranges.
//
// Keys are ranges of a buffer, as they lie in the input: nothing is copied to look one up. Each call names the key's
// slot, which the caller knows already from routing; outside cluster mode there is one slot, 0. Times are Unix
// milliseconds of the wall clock. An expired key is never seen, and whoever meets one deletes it, unless
// `Keyspace.expiredKeys` says otherwise.

import type { Structure } from './structure.ts';
import type { ValueKind } from './value-kind.ts';

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
  /** What the value is. */
  readonly foundKind: ValueKind;
  /** The value where it is not bytes: a large collection. To change it, see {@link changing}. */
  readonly foundStructure: Structure | null;
  /** Else the value lies in `foundBytes[foundStart, foundEnd)`; a view, not to be changed. */
  readonly foundBytes: Uint8Array;
  /** The memory of {@link foundBytes}, for copying short values as words; null where the value is a large one. */
  readonly foundView: DataView | null;
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
  /**
   * Gives the found key access data that come from elsewhere: milliseconds since its last access, or its access counter
   * of 0 to 255. Which of the two is kept follows from the policy; null, or what is not kept, changes nothing.
   */
  setFoundAccess(idleMs: number | null, frequency: number | null, nowMs: number): void;

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
  /** As {@link setValue}, for any kind: the compact bytes of a small collection. */
  setCompact(
    slot: number,
    keyBytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    kind: ValueKind,
    valueBytes: Uint8Array,
    valueStart: number,
    valueEnd: number,
    expireAtMs: number,
  ): void;
  /**
   * Makes a structure the value of a key, in place of whatever was there. It must not be the value of another, and is
   * the keyspace's from then on, until it is replaced or deleted.
   */
  setStructure(
    slot: number,
    keyBytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    structure: Structure,
    expireAtMs: number,
  ): void;
  /**
   * To be called right after `find`, before the structure that it found is changed: open snapshots hear of it, and it
   * counts as a change. The structure may be changed until the next call of any method.
   */
  changing(): void;
  /**
   * Takes a key out, and its value as it is: nothing large is copied. Null if the key is not there. What is done with
   * the value is `attach`, or nothing.
   */
  detach(
    slot: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowMs: number,
  ): DetachedValue | null;
  /** Stores a detached value with its expiry under a copy of the key, in place of whatever was there. Once per value. */
  attach(slot: number, bytes: Uint8Array, start: number, end: number, value: DetachedValue): void;
  /**
   * Makes the bytes of the value exactly `length` long, keeping what fits, the kind and the expiry; new bytes are zero.
   * Creates a string, without an expiry, where the key is missing. Afterwards the `found*` fields describe it, and the
   * value's bytes may be written, until the next call of any method. A structure has no bytes: that is the caller's bug.
   */
  reshape(
    slot: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    nowMs: number,
  ): void;
  /** As {@link reshape} for the key that the call before has found: it is not looked up again. */
  reshapeFound(length: number): void;
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

  /**
   * Says that a key is about to be looked up; {@link fetchExpected} then fetches from memory what will be looked at for
   * all that were named, so that they wait together and not one after the other. Keys beyond a limit are left out.
   */
  expect(slot: number, bytes: Uint8Array, start: number, end: number): void;
  fetchExpected(): void;
  /** Whether that is worth its while: not where all lies in the processor's cache anyway. */
  readonly isWorthFetching: boolean;

  /** A copy of a key drawn at random; null where there is none. `random()` gives a uint32. */
  randomKey(random: () => number, nowMs: number): Uint8Array | null;

  countInSlot(slot: number): number;
  /** Copies of at most `limit` keys of a slot. */
  keysInSlot(slot: number, limit: number, nowMs: number): Uint8Array[];
  /**
   * Deletes all keys of a slot; returns how many there were. It is empty at once, however many that were: their memory is
   * given back by {@link Keyspace.reclaim}.
   */
  deleteSlot(slot: number): number;

  /** Calls `visit` with every key. */
  forEachKey(nowMs: number, visit: KeyVisitor): void;
  /**
   * One step of a scan that begins at cursor 0: visits about `count` keys and returns the next cursor, 0 at the end.
   * A key that is there from a scan's begin to its end is visited once, whatever else comes and goes. Any cursor is
   * accepted. `slot` limits the scan to one slot, -1 = all.
   */
  scan(cursor: bigint, count: number, slot: number, nowMs: number, visit: KeyVisitor): bigint;

  /**
   * Opens a snapshot of the keys of some slots, null = all, as they are now. Its `step` visits them in slices; a write to
   * a key that it has not reached makes it visit that key's page of the index first. Any number may be open.
   */
  snapshot(slots: ReadonlySet<number> | null, visit: SnapshotVisitor): Snapshot;
}

/** A value between two keys: see {@link Database.detach}. */
export interface DetachedValue {
  readonly kind: ValueKind;
  /** The value is the first `length` of these, or the structure. */
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly structure: Structure | null;
  readonly expireAtMs: number;
  /** When and how often it was used, in the keyspace's own form. */
  readonly access: number;
}

/** Takes a copy of a key, and its type's name. It must not change the keyspace. */
export type KeyVisitor = (key: Uint8Array, type: string) => void;

/** What to delete where memory is short, in the words of `maxmemory-policy`. */
export type EvictionPolicy =
  | 'noeviction'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-random'
  | 'volatile-ttl';

/** How much memory data may take, and what happens above. Fields are named after Redis's directives. */
export interface MemoryLimit {
  /** Bytes; 0 = no limit. */
  readonly maxMemoryBytes: number;
  readonly policy: EvictionPolicy;
  /** Keys drawn per eviction. */
  readonly samples: number;
  readonly lfuLogFactor: number;
  /** Minutes in which the access counter loses one; 0 = never. */
  readonly lfuDecayMinutes: number;
}

/** Redis's defaults: no limit. */
export const DEFAULT_MEMORY_LIMIT: MemoryLimit = {
  maxMemoryBytes: 0,
  policy: 'noeviction',
  samples: 5,
  lfuLogFactor: 10,
  lfuDecayMinutes: 1,
};

/**
 * What becomes of keys whose time is over. `delete`: whoever meets one deletes it. `hide`: nobody sees them, and they stay:
 * on a replica, where the primary says when they go, and while nothing may change. `keep`: they are seen as if their time
 * were not over: by the primary's commands, which mean what they say.
 */
export type ExpiredKeys = 'delete' | 'hide' | 'keep';

export type RemovalCause = 'expired' | 'evicted';

/**
 * Hears of keys that go without a command that names them, right before each goes: for keyspace notifications, tracking
 * and replicas. The key lies in `bytes[start, end)`, valid during the call; the keyspace must not be touched.
 */
export type RemovalListener = (
  cause: RemovalCause,
  database: number,
  slot: number,
  bytes: Uint8Array,
  start: number,
  end: number,
) => void;

/**
 * One key with its value, as it was when the snapshot began. It is valid during the call only, and so are its bytes, which
 * are views.
 */
export interface SnapshotEntry {
  readonly slot: number;
  readonly kind: ValueKind;
  /** As TYPE prints it. */
  readonly type: string;
  /** The key lies in `keyBytes[keyStart, keyEnd)`. */
  readonly keyBytes: Uint8Array;
  readonly keyStart: number;
  readonly keyEnd: number;
  /** The value lies in `valueBytes[valueStart, valueEnd)`, unless it is a structure. */
  readonly valueBytes: Uint8Array;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** To be frozen during the call, and its image read in slices; null where the value is bytes. */
  readonly structure: Structure | null;
  /** Unix milliseconds, or `NO_EXPIRY`; it may have passed. */
  readonly expireAtMs: number;
}

/** Takes the next entry. It must not touch the keyspace. */
export type SnapshotVisitor = (entry: SnapshotEntry) => void;

/** An open snapshot. */
export interface Snapshot {
  /**
   * Visits the next entries: about `count`, as keys that share their hash come together. False when none is left; the
   * snapshot is closed then.
   */
  step(count: number): boolean;
  /** Ends it early; nothing is visited any more. */
  close(): void;
}

/** All databases of a node. */
export interface Keyspace {
  readonly databases: readonly Database[];
  /** Keys deleted because they had expired, by whomever. */
  readonly expiredCount: number;
  /** Keys deleted because memory was short. */
  readonly evictedCount: number;
  /** Changes since the start: keys set, deleted, expired, given an expiry. Never goes down. */
  readonly changeCount: number;
  /**
   * Deletes at most `limit` keys that have expired; returns how many it deleted: none unless {@link expiredKeys} is
   * `delete`. Call it from a timer.
   */
  expireCycle(nowMs: number, limit: number): number;
  /**
   * Moves at most `limit` entries together where deletions have left holes, and gives memory back that falls free; how
   * many it moved, 0 = it found nothing to do. Call it from a timer: an entry takes about a microsecond.
   */
  compact(limit: number): number;
  /**
   * Gives back the memory of at most about `limit` entries of deleted slots and parts of deleted structures; how many, 0
   * = nothing is left to do. Call it from a timer: an entry takes about a microsecond. Until then it counts as used.
   */
  reclaim(limit: number): number;

  /** `delete` at first; may be changed between any two calls. */
  expiredKeys: ExpiredKeys;

  /** May be replaced at any time. */
  memoryLimit: MemoryLimit;
  /** Bytes that data take: entries and index as they are rounded up, large values, tables. What the limit is about. */
  readonly usedBytes: number;
  /** Bytes held from the system for data: {@link usedBytes} and what lies free between them. */
  readonly heldBytes: number;
  /**
   * To be called before a command that may need memory (flag `denyoom`): evicts as the policy says until data take no
   * more than the limit. False if they still take more and there is nothing to evict: the command is refused with
   * "OOM command not allowed when used memory > 'maxmemory'.". Where very much is above the limit, one call evicts a part
   * of it and answers true; the next ones, also those of commands that are refused, go on. What was deleted and is not
   * given back yet goes first.
   */
  ensureRoom(nowMs: number): boolean;
  /** Set it to hear of keys that expire or are evicted. */
  onRemoval: RemovalListener | null;
}
