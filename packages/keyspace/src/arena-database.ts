// Hot path: one database on top of its store; bench in bench/keyspace.bench.ts.

import type { AccessClock } from './access-clock.ts';
import { copyBytes, type KeyProbe } from './hash.ts';
import {
  type Database,
  type DetachedValue,
  type ExpiredKeys,
  type KeyVisitor,
  NO_EXPIRY,
  type RemovalCause,
  type RemovalListener,
  type Snapshot,
  type SnapshotVisitor,
} from './keyspace.ts';
import { Store } from './store.ts';
import type { Structure } from './structure.ts';
import { TYPE_NAMES, ValueKind } from './value-kind.ts';

const NO_BYTES: Uint8Array = new Uint8Array(0);
/** A database up to this size lies in the cache of a processor core, more or less. */
const CACHED_BYTES = 4 * 1024 * 1024;
const HASH_BITS = 32n;
const HASH_MASK = 0xffffffffn;
/** Where expired keys are hidden: so many are drawn, then one of them is good enough, or there might be no end. */
const DRAWS_MAX = 100;

/** What the databases of one keyspace share. */
export interface Shared {
  readonly clock: AccessClock;
  readonly probe: KeyProbe;
  expired: number;
  evicted: number;
  changes: number;
  expiredKeys: ExpiredKeys;
  onRemoval: RemovalListener | null;
}

export class ArenaDatabase implements Database {
  foundKind: ValueKind = ValueKind.string;
  foundBytes: Uint8Array = NO_BYTES;
  foundView: DataView | null = null;
  foundStart = 0;
  foundEnd = 0;
  foundExpireAtMs: number = NO_EXPIRY;
  touchOnFind = true;

  readonly #number: number;
  readonly #slotCount: number;
  readonly #shared: Shared;
  readonly #clock: AccessClock;
  readonly #probe: KeyProbe;
  #store: Store;
  /** Stores from before the database was emptied, while snapshots of them are open. */
  #emptied: Store[] = [];
  #found = 0;
  #foundAccess = 0;

  constructor(number: number, slotCount: number, shared: Shared) {
    this.#number = number;
    this.#slotCount = slotCount;
    this.#shared = shared;
    this.#clock = shared.clock;
    this.#probe = shared.probe;
    this.#store = new Store(slotCount, shared.clock, shared.probe);
  }

  get size(): number {
    return this.#store.index.size;
  }

  get expiringCount(): number {
    const { heap, droppedExpiring } = this.#store.entries;
    return heap.size - droppedExpiring;
  }

  get usedBytes(): number {
    let bytes = this.#store.usedBytes;
    for (const store of this.#emptied) if (!store.snapshots.isIdle) bytes += store.usedBytes;
    return bytes;
  }

  get heldBytes(): number {
    let bytes = this.#store.heldBytes;
    for (const store of this.#emptied) if (!store.snapshots.isIdle) bytes += store.heldBytes;
    return bytes;
  }

  /** Keys of slots that were dropped count until their memory is given back: a mean does not suffer much from it. */
  averageTtlMs(nowMs: number): number {
    const { heap } = this.#store.entries;
    return this.expiringCount === 0 ? 0 : Math.max(0, Math.round(heap.totalMs / heap.size - nowMs));
  }

  // ---- one key -------------------------------------------------------------------------------------------------

  find(slot: number, bytes: Uint8Array, start: number, end: number, nowMs: number): boolean {
    const ref = this.#locate(slot, bytes, start, end, nowMs);
    if (ref === 0) return false;
    this.#showOpened(ref);
    if (this.touchOnFind) this.#store.entries.touch(ref);
    return true;
  }

  get foundType(): string {
    return TYPE_NAMES[this.foundKind];
  }

  get foundStructure(): Structure | null {
    return this.#store.entries.structureOf(this.#found);
  }

  get foundIdleMs(): number {
    return this.#clock.idleMs(this.#foundAccess);
  }

  get foundFrequency(): number {
    return this.#clock.frequency(this.#foundAccess);
  }

  get foundMemoryBytes(): number {
    return this.#store.entries.memoryOf(this.#found);
  }

  touch(nowMs: number): void {
    this.#clock.set(nowMs);
    this.#store.entries.touch(this.#found);
  }

  setFoundAccess(idleMs: number | null, frequency: number | null, nowMs: number): void {
    this.#clock.set(nowMs);
    const access = this.#clock.from(idleMs, frequency);
    if (access >= 0) this.#store.entries.setAccess(this.#found, access);
  }

  setString(
    slot: number,
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    expireAtMs: number,
  ): void {
    this.setValue(slot, bytes, keyStart, keyEnd, bytes, valueStart, valueEnd, expireAtMs);
  }

  setValue(
    slot: number,
    keyBytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueBytes: Uint8Array,
    valueStart: number,
    valueEnd: number,
    expireAtMs: number,
  ): void {
    this.#shared.changes++;
    this.#probe.read(keyBytes, keyStart, keyEnd);
    const old = this.#store.index.locate(slot, this.#probe);
    this.#store.beforeChange();
    const length = valueEnd - valueStart;
    this.#write(old, ValueKind.string, slot, valueBytes, valueStart, valueEnd, length, expireAtMs);
  }

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
  ): void {
    const old = this.#replacing(slot, keyBytes, keyStart, keyEnd);
    const length = valueEnd - valueStart;
    this.#write(old, kind, slot, valueBytes, valueStart, valueEnd, length, expireAtMs);
  }

  setStructure(
    slot: number,
    keyBytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    structure: Structure,
    expireAtMs: number,
  ): void {
    if (structure.host !== null) throw new Error('a structure is the value of one key only');
    const old = this.#replacing(slot, keyBytes, keyStart, keyEnd);
    const { entries } = this.#store;
    const { kind } = structure;
    this.#place(
      old,
      slot,
      entries.writeLarge(old, kind, slot, this.#probe, NO_BYTES, 0, structure, expireAtMs),
    );
  }

  changing(): void {
    this.#shared.changes++;
    this.#store.beforeChange();
  }

  detach(
    slot: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowMs: number,
  ): DetachedValue | null {
    const ref = this.#locate(slot, bytes, start, end, nowMs);
    if (ref === 0) return null;
    this.#shared.changes++;
    // Snapshots see the key before its value leaves.
    this.#store.beforeChange();
    const value = this.#store.entries.detach(ref);
    this.#store.removeLocated(ref);
    return value;
  }

  attach(slot: number, bytes: Uint8Array, start: number, end: number, value: DetachedValue): void {
    const old = this.#replacing(slot, bytes, start, end);
    this.#place(old, slot, this.#store.entries.attach(old, slot, this.#probe, value));
  }

  reshape(
    slot: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    nowMs: number,
  ): void {
    const ref = this.#locate(slot, bytes, start, end, nowMs);
    if (ref === 0) {
      // Where there is one all the same, it is hidden: the new value takes its place.
      const { expiredKeys } = this.#shared;
      const old = expiredKeys === 'hide' ? this.#store.index.locate(slot, this.#probe) : 0;
      this.#shared.changes++;
      this.#store.beforeChange();
      this.#showCleared(
        this.#write(old, ValueKind.string, slot, NO_BYTES, 0, 0, length, NO_EXPIRY),
        0,
      );
      return;
    }
    this.#showOpened(ref);
    this.reshapeFound(length);
  }

  reshapeFound(length: number): void {
    if (this.foundKind !== ValueKind.string && this.foundStructure !== null) {
      throw new Error('a structure has no bytes to reshape');
    }
    const { entries } = this.#store;
    const ref = this.#found;
    this.#shared.changes++;
    this.#store.beforeChange();
    if (this.foundEnd - this.foundStart === length) return;
    if (entries.resizeLarge(ref, length)) {
      this.#show(ref);
      return;
    }
    const { foundKind, foundBytes, foundStart, foundEnd, foundExpireAtMs } = this;
    const kept = Math.min(length, foundEnd - foundStart);
    const end = foundStart + kept;
    const slot = entries.slotOf(ref);
    const now = this.#write(
      ref,
      foundKind,
      slot,
      foundBytes,
      foundStart,
      end,
      length,
      foundExpireAtMs,
    );
    this.#showCleared(now, kept);
  }

  expect(slot: number, bytes: Uint8Array, start: number, end: number): void {
    const { lookahead } = this.#store;
    if (lookahead.isFull) return;
    this.#probe.read(bytes, start, end);
    lookahead.add(slot, this.#probe);
  }

  fetchExpected(): void {
    this.#store.lookahead.fetch();
  }

  get isWorthFetching(): boolean {
    return this.#store.arena.usedBytes > CACHED_BYTES;
  }

  setExpiry(
    slot: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    expireAtMs: number,
    nowMs: number,
  ): boolean {
    const ref = this.#locate(slot, bytes, start, end, nowMs);
    if (ref === 0) return false;
    const { entries } = this.#store;
    this.#shared.changes++;
    this.#store.beforeChange();
    if (!entries.setExpiry(ref, expireAtMs)) {
      entries.open(ref);
      const { kind, bytes: value, valueStart, valueEnd } = entries;
      const length = valueEnd - valueStart;
      this.#write(ref, kind, slot, value, valueStart, valueEnd, length, expireAtMs);
    }
    return true;
  }

  delete(slot: number, bytes: Uint8Array, start: number, end: number, nowMs: number): boolean {
    const ref = this.#locate(slot, bytes, start, end, nowMs);
    if (ref === 0) return false;
    this.#shared.changes++;
    this.#store.removeLocated(ref);
    return true;
  }

  randomKey(random: () => number, nowMs: number): Uint8Array | null {
    for (let draws = 1; ; draws++) {
      const ref = this.#store.index.drawEntry(random);
      if (ref === 0) return null;
      if (!this.#isExpired(ref, nowMs)) return this.keyOf(ref);
      if (this.#shared.expiredKeys === 'delete') this.#remove(ref, 'expired');
      else if (draws === DRAWS_MAX) return this.keyOf(ref);
    }
  }

  // ---- many keys -----------------------------------------------------------------------------------------------

  clear(): number {
    const count = this.size;
    this.#shared.changes += count;
    if (count === 0) return 0;
    this.#emptied.push(this.#store);
    this.#dropEmptied();
    this.#store = new Store(this.#slotCount, this.#clock, this.#probe);
    return count;
  }

  /** Lets go of what was emptied and no snapshot reads. */
  #dropEmptied(): void {
    for (const store of this.#emptied) if (store.snapshots.isIdle) store.arena.drop();
    this.#emptied = this.#emptied.filter(({ snapshots }) => !snapshots.isIdle);
  }

  countInSlot(slot: number): number {
    return this.#store.index.counts[slot];
  }

  keysInSlot(slot: number, limit: number, nowMs: number): Uint8Array[] {
    const keys: Uint8Array[] = [];
    let hash = 0;
    let hasMore = true;
    while (hasMore && keys.length < limit) {
      hasMore = this.#visit(slot, hash, slot, limit - keys.length, nowMs, (key) => keys.push(key));
      hash = this.#store.nextHash;
    }
    // Keys that share their hash come together.
    keys.length = Math.min(keys.length, limit);
    return keys;
  }

  deleteSlot(slot: number): number {
    const count = this.#store.dropSlot(slot);
    this.#shared.changes += count;
    return count;
  }

  forEachKey(nowMs: number, visit: KeyVisitor): void {
    this.#visit(0, 0, this.#slotCount - 1, Number.POSITIVE_INFINITY, nowMs, visit);
  }

  /** A cursor is a slot and, in its lower 32 bits, the lowest hash that is still to come in it. */
  scan(cursor: bigint, count: number, onlySlot: number, nowMs: number, visit: KeyVisitor): bigint {
    const cursorSlot = cursor >> HASH_BITS;
    const hash = Number(cursor & HASH_MASK);
    if (cursorSlot >= BigInt(this.#slotCount)) return 0n;
    const slot = onlySlot < 0 ? Number(cursorSlot) : onlySlot;
    const last = onlySlot < 0 ? this.#slotCount - 1 : onlySlot;
    if (!this.#visit(slot, hash, last, Math.max(1, count), nowMs, visit)) return 0n;
    return (BigInt(this.#store.nextSlot) << HASH_BITS) | BigInt(this.#store.nextHash);
  }

  snapshot(slots: ReadonlySet<number> | null, visit: SnapshotVisitor): Snapshot {
    return this.#store.snapshots.start(slots, visit);
  }

  // ---- for the keyspace ----------------------------------------------------------------------------------------

  /** Deletes at most `limit` expired keys, soonest first. */
  expireCycle(nowMs: number, limit: number): number {
    const { entries } = this.#store;
    const { heap } = entries;
    let count = 0;
    for (let i = 0; i < limit && heap.size > 0 && nowMs > heap.timeAt(0); i++) {
      const ref = heap.refAt(0);
      if (this.#store.isThere(ref)) {
        this.#remove(ref, 'expired');
        count++;
      } else entries.unscheduleDropped(ref);
    }
    return count;
  }

  reclaim(limit: number): number {
    this.#dropEmptied();
    return this.#store.release(limit);
  }

  compact(limit: number): number {
    return this.#store.compact(limit);
  }

  /** The store, for whoever chooses what to evict. */
  get store(): Store {
    return this.#store;
  }

  keyOf(ref: number): Uint8Array {
    const { entries } = this.#store;
    entries.openKey(ref);
    return copyBytes(entries.keyBytes, entries.keyStart, entries.keyEnd);
  }

  evict(ref: number): void {
    this.#remove(ref, 'evicted');
  }

  // ---- parts ---------------------------------------------------------------------------------------------------

  /** The entry of a key, 0 = none or expired; `open` has read it. */
  #locate(slot: number, bytes: Uint8Array, start: number, end: number, nowMs: number): number {
    this.#clock.set(nowMs);
    this.#probe.read(bytes, start, end);
    const { index, entries } = this.#store;
    const ref = index.locate(slot, this.#probe);
    if (ref === 0) return 0;
    entries.open(ref);
    if (entries.expireAtMs === NO_EXPIRY || nowMs <= entries.expireAtMs) return ref;
    const { expiredKeys } = this.#shared;
    if (expiredKeys === 'keep') return ref;
    if (expiredKeys === 'hide') return 0;
    this.#remove(ref, 'expired');
    // The key is gone, the page may be: nothing is located, and the probe has to forget the entry's own bytes.
    index.page = 0;
    this.#probe.read(bytes, start, end);
    return 0;
  }

  /** The entry that a new value takes the place of, 0 = none; the probe has read the key. */
  #replacing(slot: number, bytes: Uint8Array, start: number, end: number): number {
    this.#shared.changes++;
    this.#probe.read(bytes, start, end);
    const old = this.#store.index.locate(slot, this.#probe);
    this.#store.beforeChange();
    return old;
  }

  /** Puts an entry just written into the index, in the place of the one that was located. */
  #place(old: number, slot: number, ref: number): void {
    const { index } = this.#store;
    if (old === 0) index.insert(slot, this.#probe.hash, ref);
    else if (ref !== old) index.replace(ref);
  }

  /** Writes the key that the probe has read; `old` is what was located, its successor is in its place afterwards. */
  #write(
    old: number,
    kind: ValueKind,
    slot: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
    valueLength: number,
    expireAtMs: number,
  ): number {
    const { index, entries } = this.#store;
    const probe = this.#probe;
    const ref = entries.write(
      old,
      kind,
      slot,
      probe,
      value,
      valueStart,
      valueEnd,
      valueLength,
      expireAtMs,
    );
    if (old === 0) index.insert(slot, probe.hash, ref);
    else if (ref !== old) index.replace(ref);
    return ref;
  }

  #show(ref: number): void {
    this.#store.entries.open(ref);
    this.#showOpened(ref);
  }

  #showOpened(ref: number): void {
    const { entries } = this.#store;
    this.#found = ref;
    this.foundKind = entries.kind;
    this.#foundAccess = entries.access;
    this.foundBytes = entries.bytes;
    this.foundView = entries.view;
    this.foundStart = entries.valueStart;
    this.foundEnd = entries.valueEnd;
    this.foundExpireAtMs = entries.expireAtMs;
  }

  /** The same for an entry just written, of whose value only the first bytes are defined: the others become zero. */
  #showCleared(ref: number, kept: number): void {
    this.#show(ref);
    // A buffer of its own begins as zeros, and there may be half a gigabyte of them.
    if (!this.#store.entries.isLarge(ref)) {
      this.foundBytes.fill(0, this.foundStart + kept, this.foundEnd);
    }
  }

  /** A key whose time is `nowMs` exactly is still there, as in Redis. */
  #isExpired(ref: number, nowMs: number): boolean {
    if (this.#shared.expiredKeys === 'keep') return false;
    const expireAtMs = this.#store.entries.expireAtMsOf(ref);
    return expireAtMs !== NO_EXPIRY && nowMs > expireAtMs;
  }

  /** Deletes a key that nobody has named. */
  #remove(ref: number, cause: RemovalCause): void {
    const shared = this.#shared;
    shared.changes++;
    shared[cause]++;
    this.#store.locateEntry(ref);
    const { onRemoval } = shared;
    if (onRemoval !== null) {
      const { entries } = this.#store;
      const slot = entries.slotOf(ref);
      onRemoval(cause, this.#number, slot, entries.keyBytes, entries.keyStart, entries.keyEnd);
    }
    this.#store.removeLocated(ref);
  }

  /** As {@link Store.walk}, with keys; those that have expired are deleted afterwards. */
  #visit(
    slot: number,
    hash: number,
    lastSlot: number,
    count: number,
    nowMs: number,
    visit: KeyVisitor,
  ): boolean {
    const { entries } = this.#store;
    const expired: number[] = [];
    const hasMore = this.#store.walk(slot, hash, lastSlot, count, (ref) => {
      if (this.#isExpired(ref, nowMs)) expired.push(ref);
      else visit(this.keyOf(ref), TYPE_NAMES[entries.kindOf(ref)]);
    });
    if (this.#shared.expiredKeys === 'delete') {
      for (const ref of expired) this.#remove(ref, 'expired');
    }
    return hasMore;
  }
}
