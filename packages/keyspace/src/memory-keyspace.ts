// Hot path: the keyspace that keeps one object per key on the JavaScript heap; bench in bench/keyspace.bench.ts.
// Simple on purpose: it stands behind the interface of keyspace.ts, so a denser one can take its place.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { ExpiryQueue } from './expiry-queue.ts';
import { copyBytes, type HashKey, hashBytes } from './hash.ts';
import { type Database, type Keyspace, type KeyVisitor, NO_EXPIRY } from './keyspace.ts';
import { Entry, SlotTable } from './slot-table.ts';

export interface KeyspaceOptions {
  /** Number of databases: 16 outside cluster mode, 1 in it. */
  readonly databases: number;
  /** Keys are kept by slot; else all lie in slot 0. */
  readonly bySlot: boolean;
  /** Two random words, so that no client can aim keys at one bucket. */
  readonly hashKey: HashKey;
}

/** What an entry costs besides its bytes: the object, two typed arrays, its places in the tables. */
const ENTRY_BYTES = 320;
const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Counts of what happened, shared by the databases of one keyspace. */
interface Counters {
  expired: number;
  changes: number;
}

class MemoryDatabase implements Database {
  size = 0;
  foundBytes: Uint8Array = NO_BYTES;
  foundStart = 0;
  foundEnd = 0;
  foundExpireAtMs = NO_EXPIRY;
  readonly foundType = 'string';
  foundIdleMs = 0;
  foundFrequency = 0;
  touchOnFind = true;
  foundMemoryBytes = 0;

  readonly #slotCount: number;
  readonly #hashKey: HashKey;
  readonly #counters: Counters;
  readonly #queue = new ExpiryQueue();
  #tables: (SlotTable | null)[];
  #found: Entry | null = null;

  constructor(slotCount: number, hashKey: HashKey, counters: Counters) {
    this.#slotCount = slotCount;
    this.#hashKey = hashKey;
    this.#counters = counters;
    this.#tables = new Array<SlotTable | null>(slotCount).fill(null);
  }

  get expiringCount(): number {
    return this.#queue.size;
  }

  averageTtlMs(nowMs: number): number {
    return this.#queue.size === 0
      ? 0
      : Math.max(0, Math.round(this.#queue.meanExpireAtMs() - nowMs));
  }

  find(slot: number, bytes: Uint8Array, start: number, end: number, nowMs: number): boolean {
    const entry = this.#entry(slot, bytes, start, end, nowMs);
    if (entry === null) return false;
    this.#show(entry, nowMs);
    if (this.touchOnFind) entry.accessedAtMs = nowMs;
    return true;
  }

  touch(nowMs: number): void {
    if (this.#found !== null) this.#found.accessedAtMs = nowMs;
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
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueBytes: Uint8Array,
    valueStart: number,
    valueEnd: number,
    expireAtMs: number,
  ): void {
    this.#counters.changes++;
    const hash = hashBytes(this.#hashKey, bytes, keyStart, keyEnd);
    const table = this.#tables[slot] ?? this.#newTable(slot);
    const entry = table.find(hash, bytes, keyStart, keyEnd);
    const value = copyBytes(valueBytes, valueStart, valueEnd);
    if (entry !== null) {
      entry.value = value;
      if (entry.expireAtMs !== expireAtMs) this.#changeExpiry(entry, expireAtMs);
      return;
    }
    const created = new Entry(copyBytes(bytes, keyStart, keyEnd), hash, value, expireAtMs, slot);
    table.insert(created);
    this.size++;
    if (expireAtMs !== NO_EXPIRY) this.#queue.add(created);
  }

  reshape(
    slot: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    nowMs: number,
  ): void {
    const value = new Uint8Array(length);
    let expireAtMs = NO_EXPIRY;
    const old = this.#entry(slot, bytes, start, end, nowMs);
    if (old !== null) {
      expireAtMs = old.expireAtMs;
      value.set(old.value.subarray(0, length));
    }
    this.setValue(slot, bytes, start, end, value, 0, length, expireAtMs);
    const entry = this.#entry(slot, bytes, start, end, nowMs);
    if (entry !== null) this.#show(entry, nowMs);
  }

  setExpiry(
    slot: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    expireAtMs: number,
    nowMs: number,
  ): boolean {
    const entry = this.#entry(slot, bytes, start, end, nowMs);
    if (entry === null) return false;
    this.#counters.changes++;
    this.#changeExpiry(entry, expireAtMs);
    return true;
  }

  delete(slot: number, bytes: Uint8Array, start: number, end: number, nowMs: number): boolean {
    const entry = this.#entry(slot, bytes, start, end, nowMs);
    if (entry === null) return false;
    this.#counters.changes++;
    this.#remove(entry);
    return true;
  }

  clear(): number {
    const count = this.size;
    this.#counters.changes += count;
    this.#tables = new Array<SlotTable | null>(this.#slotCount).fill(null);
    this.#queue.clear();
    this.size = 0;
    return count;
  }

  randomKey(random: () => number, nowMs: number): Uint8Array | null {
    const keys: Uint8Array[] = [];
    this.forEachKey(nowMs, (key) => keys.push(key));
    return keys.length === 0 ? null : keys[random() % keys.length].slice();
  }

  countInSlot(slot: number): number {
    return this.#tables[slot]?.count ?? 0;
  }

  keysInSlot(slot: number, limit: number, nowMs: number): Uint8Array[] {
    const keys: Uint8Array[] = [];
    const table = this.#tables[slot];
    if (!table) return keys;
    const expired: Entry[] = [];
    let before = table.scanStart;
    while (before !== 0 && keys.length < limit) {
      before = table.scan(before, limit - keys.length, (entry) => {
        if (isExpired(entry, nowMs)) expired.push(entry);
        else keys.push(entry.key.slice());
      });
    }
    this.#expire(expired);
    return keys;
  }

  deleteSlot(slot: number): number {
    const table = this.#tables[slot];
    if (!table) return 0;
    const count = table.count;
    table.scan(table.scanStart, count, (entry) => this.#queue.remove(entry));
    this.#tables[slot] = null;
    this.size -= count;
    this.#counters.changes += count;
    return count;
  }

  forEachKey(nowMs: number, visit: KeyVisitor): void {
    const expired: Entry[] = [];
    for (const table of this.#tables) {
      table?.scan(table.scanStart, table.count, (entry) => {
        if (isExpired(entry, nowMs)) expired.push(entry);
        else visit(entry.key, 'string');
      });
    }
    this.#expire(expired);
  }

  /** A cursor holds a slot and a sequence within it: all entries of that slot below the sequence are still to come. */
  scan(cursor: bigint, count: number, onlySlot: number, nowMs: number, visit: KeyVisitor): bigint {
    const slots = BigInt(this.#slotCount);
    const expired: Entry[] = [];
    let left = Math.max(1, count);
    let slot = onlySlot >= 0 ? onlySlot : Number(cursor % slots);
    let before = Number(cursor / slots);
    const last = onlySlot >= 0 ? onlySlot : this.#slotCount - 1;
    const take = (entry: Entry): void => {
      left--;
      if (isExpired(entry, nowMs)) expired.push(entry);
      else visit(entry.key, 'string');
    };
    let next = 0n;
    for (; slot <= last; slot++, before = 0) {
      const table = this.#tables[slot];
      if (table === null || table.count === 0) continue;
      if (left === 0) {
        next = BigInt(table.scanStart) * slots + BigInt(slot);
        break;
      }
      before = table.scan(before === 0 ? table.scanStart : before, left, take);
      if (before !== 0) {
        next = BigInt(before) * slots + BigInt(slot);
        break;
      }
    }
    this.#expire(expired);
    return next;
  }

  /** Deletes at most `limit` expired keys, soonest first. */
  expireCycle(nowMs: number, limit: number): number {
    let count = 0;
    for (; count < limit; count++) {
      const first = this.#queue.first;
      if (first === undefined || !isExpired(first, nowMs)) break;
      this.#counters.expired++;
      this.#counters.changes++;
      this.#remove(first);
    }
    return count;
  }

  #entry(slot: number, bytes: Uint8Array, start: number, end: number, nowMs: number): Entry | null {
    const table = this.#tables[slot];
    if (table === null) return null;
    const entry = table.find(hashBytes(this.#hashKey, bytes, start, end), bytes, start, end);
    if (entry === null || !isExpired(entry, nowMs)) return entry;
    this.#expire([entry]);
    return null;
  }

  #show(entry: Entry, nowMs: number): void {
    this.#found = entry;
    this.foundBytes = entry.value;
    this.foundStart = 0;
    this.foundEnd = entry.value.length;
    this.foundExpireAtMs = entry.expireAtMs;
    this.foundIdleMs = Math.max(0, nowMs - entry.accessedAtMs);
    this.foundMemoryBytes = ENTRY_BYTES + entry.key.length + entry.value.length;
  }

  #expire(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#counters.expired++;
      this.#counters.changes++;
      this.#remove(entry);
    }
  }

  #remove(entry: Entry): void {
    this.#queue.remove(entry);
    const table = this.#tables[entry.slot];
    if (table === null) return;
    table.remove(entry);
    if (table.count === 0) this.#tables[entry.slot] = null;
    this.size--;
  }

  #changeExpiry(entry: Entry, expireAtMs: number): void {
    this.#queue.remove(entry);
    entry.expireAtMs = expireAtMs;
    if (expireAtMs !== NO_EXPIRY) this.#queue.add(entry);
  }

  #newTable(slot: number): SlotTable {
    const table = new SlotTable();
    this.#tables[slot] = table;
    return table;
  }
}

/** A key whose time is `nowMs` exactly is still there, as in Redis. */
function isExpired(entry: Entry, nowMs: number): boolean {
  return entry.expireAtMs !== NO_EXPIRY && nowMs > entry.expireAtMs;
}

/** A {@link Keyspace} on the JavaScript heap. */
export class MemoryKeyspace implements Keyspace {
  readonly databases: readonly Database[];
  readonly #databases: readonly MemoryDatabase[];
  readonly #counters: Counters = { expired: 0, changes: 0 };
  #nextToExpire = 0;

  constructor(options: KeyspaceOptions) {
    const slotCount = options.bySlot ? SLOT_COUNT : 1;
    this.#databases = Array.from(
      { length: options.databases },
      () => new MemoryDatabase(slotCount, options.hashKey, this.#counters),
    );
    this.databases = this.#databases;
  }

  get expiredCount(): number {
    return this.#counters.expired;
  }

  get changeCount(): number {
    return this.#counters.changes;
  }

  /** The databases take turns at being first, so that a small limit starves none. */
  expireCycle(nowMs: number, limit: number): number {
    let count = 0;
    const total = this.#databases.length;
    for (let i = 0; i < total && count < limit; i++) {
      const database = this.#databases[(this.#nextToExpire + i) % total];
      count += database.expireCycle(nowMs, limit - count);
    }
    this.#nextToExpire = (this.#nextToExpire + 1) % total;
    return count;
  }
}
