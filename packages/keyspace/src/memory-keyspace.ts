// The keyspace: databases in memory off the JavaScript heap, and what concerns all of them, expiry, memory and eviction.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { AccessClock, Xorshift } from './access-clock.ts';
import { ArenaDatabase, type Shared } from './arena-database.ts';
import { Evictor } from './evictor.ts';
import { type HashKey, KeyProbe } from './hash.ts';
import {
  type Database,
  DEFAULT_MEMORY_LIMIT,
  type ExpiredKeys,
  type Keyspace,
  type MemoryLimit,
  type RemovalListener,
} from './keyspace.ts';
import { tellOfGoneMemory } from './segment-memory.ts';

/** Entries of deleted slots that are given back at most before keys are evicted, about a millisecond. */
const RECLAIMED_PER_CALL = 512;

export interface KeyspaceOptions {
  /** Number of databases: 16 outside cluster mode, 1 in it. */
  readonly databases: number;
  /** Keys are kept by slot; else all lie in slot 0. */
  readonly bySlot: boolean;
  /** Two random words, so that no client can aim keys at one place. */
  readonly hashKey: HashKey;
}

/** A {@link Keyspace} in memory. */
export class MemoryKeyspace implements Keyspace {
  readonly databases: readonly Database[];
  readonly #databases: readonly ArenaDatabase[];
  readonly #shared: Shared;
  readonly #evictor: Evictor;
  #memoryLimit: MemoryLimit = DEFAULT_MEMORY_LIMIT;
  /** The database that is first in the next cycle. */
  #turn = 0;

  constructor(options: KeyspaceOptions) {
    const slotCount = options.bySlot ? SLOT_COUNT : 1;
    const { low, high } = options.hashKey;
    const random = new Xorshift(low ^ (high << 1)).next;
    this.#shared = {
      clock: new AccessClock(random),
      probe: new KeyProbe(options.hashKey),
      expired: 0,
      evicted: 0,
      changes: 0,
      expiredKeys: 'delete',
      onRemoval: null,
    };
    this.#databases = Array.from(
      { length: options.databases },
      (_, number) => new ArenaDatabase(number, slotCount, this.#shared),
    );
    this.databases = this.#databases;
    this.#evictor = new Evictor(this.#databases, random, options.hashKey);
  }

  get expiredCount(): number {
    return this.#shared.expired;
  }

  get evictedCount(): number {
    return this.#shared.evicted;
  }

  get changeCount(): number {
    return this.#shared.changes;
  }

  get usedBytes(): number {
    let bytes = 0;
    for (const database of this.#databases) bytes += database.usedBytes;
    return bytes;
  }

  get heldBytes(): number {
    let bytes = 0;
    for (const database of this.#databases) bytes += database.heldBytes;
    return bytes;
  }

  get onRemoval(): RemovalListener | null {
    return this.#shared.onRemoval;
  }

  set onRemoval(listener: RemovalListener | null) {
    this.#shared.onRemoval = listener;
  }

  get expiredKeys(): ExpiredKeys {
    return this.#shared.expiredKeys;
  }

  set expiredKeys(mode: ExpiredKeys) {
    this.#shared.expiredKeys = mode;
  }

  get memoryLimit(): MemoryLimit {
    return this.#memoryLimit;
  }

  set memoryLimit(limit: MemoryLimit) {
    const { clock } = this.#shared;
    clock.countsAccesses = limit.policy.endsWith('lfu');
    clock.logFactor = limit.lfuLogFactor;
    clock.decayMinutes = limit.lfuDecayMinutes;
    if (limit.policy !== this.#memoryLimit.policy) this.#evictor.reset();
    this.#memoryLimit = limit;
  }

  ensureRoom(nowMs: number): boolean {
    this.#shared.clock.set(nowMs);
    const { maxMemoryBytes } = this.#memoryLimit;
    if (maxMemoryBytes === 0 || this.usedBytes <= maxMemoryBytes) return true;
    // Where there is more to reclaim, nothing need be evicted yet; the evictor never meets a slot that was dropped.
    const hasMore = this.reclaim(RECLAIMED_PER_CALL) >= RECLAIMED_PER_CALL;
    if (hasMore || this.usedBytes <= maxMemoryBytes) return true;
    return this.#evictor.run(this.#memoryLimit, () => this.usedBytes <= maxMemoryBytes);
  }

  /** The databases take turns at being first, so that a small limit starves none. */
  expireCycle(nowMs: number, limit: number): number {
    if (this.#shared.expiredKeys !== 'delete') return 0;
    this.#shared.clock.set(nowMs);
    return this.#inTurns(limit, (database, left) => database.expireCycle(nowMs, left));
  }

  compact(limit: number): number {
    return this.#inTurns(limit, (database, left) => database.compact(left));
  }

  reclaim(limit: number): number {
    tellOfGoneMemory();
    return this.#inTurns(limit, (database, left) => database.reclaim(left));
  }

  #inTurns(limit: number, step: (database: ArenaDatabase, left: number) => number): number {
    const total = this.#databases.length;
    let count = 0;
    for (let i = 0; i < total && count < limit; i++) {
      count += step(this.#databases[(this.#turn + i) % total], limit - count);
    }
    this.#turn = (this.#turn + 1) % total;
    return count;
  }
}
