// The dumb model that the keyspace is compared with: a Map of strings, and a list of what each open snapshot must show.

import { keySlot } from '@slotmesh/crc16-slots';
import { expect } from 'vitest';
import {
  type Database,
  MemoryKeyspace,
  NO_EXPIRY,
  type Snapshot,
  type SnapshotEntry,
} from '../../src/index.ts';

export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

export interface ModelValue {
  readonly value: string;
  readonly expireAtMs: number;
}

interface OpenSnapshot {
  readonly expected: ReadonlyMap<string, ModelValue>;
  readonly seen: Map<string, ModelValue>;
  readonly cursor: Snapshot;
}

/** A keyspace of one database and its model; each method does the same to both and compares what they answer. */
export class Twin {
  readonly keyspace: MemoryKeyspace;
  readonly database: Database;
  readonly bySlot: boolean;
  readonly model = new Map<string, ModelValue>();
  readonly snapshots: OpenSnapshot[] = [];
  nowMs = 1_000_000;
  removed = 0;

  constructor(bySlot: boolean) {
    this.bySlot = bySlot;
    const hashKey = { low: 0x1234, high: 0x5678 };
    this.keyspace = new MemoryKeyspace({ databases: 1, bySlot, hashKey });
    this.database = this.keyspace.databases[0];
    this.keyspace.onRemoval = (cause, number, slot, bytes, start, end) => {
      const key = latin1(bytes.subarray(start, end));
      expect([number, slot]).toEqual([0, this.slot(key)]);
      const held = this.model.get(key);
      expect(held).toBeDefined();
      if (cause === 'expired') expect(this.isExpired(held)).toBe(true);
      this.model.delete(key);
      this.removed++;
    };
  }

  slot(key: string): number {
    return this.bySlot ? keySlot(bytesOf(key)) : 0;
  }

  isExpired(held: ModelValue | undefined): boolean {
    return held !== undefined && held.expireAtMs !== NO_EXPIRY && this.nowMs > held.expireAtMs;
  }

  live(key: string): ModelValue | undefined {
    const held = this.model.get(key);
    return this.isExpired(held) ? undefined : held;
  }

  /** A null `ttl` means no expiry. */
  set(key: string, value: string, ttl: number | null): void {
    const expireAtMs = ttl === null ? NO_EXPIRY : this.nowMs + ttl;
    const buffer = bytesOf(`<${key}|${value}>`);
    const end = 1 + key.length;
    const valueEnd = end + 1 + value.length;
    this.database.setString(this.slot(key), buffer, 1, end, end + 1, valueEnd, expireAtMs);
    buffer.fill(0);
    this.model.set(key, { value, expireAtMs });
  }

  /** Finds a key, and compares what is found. */
  get(key: string): boolean {
    const { database } = this;
    const buffer = bytesOf(`<${key}>`);
    const expected = this.live(key);
    const found = database.find(this.slot(key), buffer, 1, 1 + key.length, this.nowMs);
    expect(found).toBe(expected !== undefined);
    if (expected === undefined) return false;
    expect(this.foundValue()).toBe(expected.value);
    expect(database.foundExpireAtMs).toBe(expected.expireAtMs);
    expect(database.foundType).toBe('string');
    expect(database.foundMemoryBytes).toBeGreaterThanOrEqual(key.length + expected.value.length);
    return true;
  }

  foundValue(): string {
    const { foundBytes, foundStart, foundEnd } = this.database;
    return latin1(foundBytes.subarray(foundStart, foundEnd));
  }

  /** Stores the value of one key under another, straight from where it lies. */
  copy(from: string, to: string): void {
    if (!this.get(from)) return;
    const { database } = this;
    const { foundBytes, foundStart, foundEnd, foundExpireAtMs } = database;
    const key = bytesOf(to);
    database.setValue(
      this.slot(to),
      key,
      0,
      key.length,
      foundBytes,
      foundStart,
      foundEnd,
      foundExpireAtMs,
    );
    this.model.set(to, this.model.get(from)!);
  }

  /** Reshapes a value, and writes `text` to its end as far as it fits. */
  reshape(key: string, length: number, text: string): void {
    const { database } = this;
    const old = this.live(key);
    database.reshape(this.slot(key), bytesOf(key), 0, key.length, length, this.nowMs);
    const expireAtMs = old?.expireAtMs ?? NO_EXPIRY;
    const shaped = (old?.value ?? '').slice(0, length).padEnd(length, '\0');
    expect(this.foundValue() === shaped).toBe(true);
    expect(database.foundExpireAtMs).toBe(expireAtMs);
    const end = text.slice(0, length);
    database.foundBytes.set(bytesOf(end), database.foundEnd - end.length);
    this.model.set(key, { value: shaped.slice(0, length - end.length) + end, expireAtMs });
  }

  expire(key: string, ttl: number | null): void {
    const atMs = ttl === null ? NO_EXPIRY : this.nowMs + ttl;
    const held = this.live(key);
    const { database, nowMs } = this;
    const done = database.setExpiry(this.slot(key), bytesOf(key), 0, key.length, atMs, nowMs);
    expect(done).toBe(held !== undefined);
    if (held !== undefined) this.model.set(key, { value: held.value, expireAtMs: atMs });
  }

  delete(key: string): void {
    const expected = this.live(key) !== undefined;
    const done = this.database.delete(this.slot(key), bytesOf(key), 0, key.length, this.nowMs);
    expect(done).toBe(expected);
    this.model.delete(key);
  }

  deleteSlot(slot: number): void {
    const keys = [...this.model.keys()].filter((key) => this.slot(key) === slot);
    expect(this.database.deleteSlot(slot)).toBe(keys.length);
    for (const key of keys) this.model.delete(key);
  }

  clear(): void {
    expect(this.database.clear()).toBe(this.model.size);
    this.model.clear();
  }

  openSnapshot(slots: ReadonlySet<number> | null): void {
    const inSlots = ([key]: [string, ModelValue]): boolean => slots?.has(this.slot(key)) ?? true;
    const expected = new Map([...this.model].filter(inSlots));
    const seen = new Map<string, ModelValue>();
    const cursor = this.database.snapshot(slots, (entry: SnapshotEntry) => {
      const key = latin1(entry.bytes.subarray(entry.keyStart, entry.valueStart));
      const value = latin1(entry.bytes.subarray(entry.valueStart, entry.valueEnd));
      expect(seen.has(key)).toBe(false);
      expect([entry.slot, entry.type]).toEqual([this.slot(key), 'string']);
      seen.set(key, { value, expireAtMs: entry.expireAtMs });
    });
    this.snapshots.push({ expected, seen, cursor });
  }

  /** Lets a snapshot go on; at its end, or where it is given up, compares what it has shown. */
  stepSnapshot(which: number, count: number, givesUp: boolean): void {
    const snapshot = this.snapshots[which % this.snapshots.length];
    if (snapshot === undefined) return;
    const { expected, seen, cursor } = snapshot;
    if (!givesUp && cursor.step(count)) return;
    cursor.close();
    this.snapshots.splice(this.snapshots.indexOf(snapshot), 1);
    for (const [key, value] of seen) expect(value).toEqual(expected.get(key));
    if (!givesUp) expect(seen.size).toBe(expected.size);
  }

  /** Compares everything. */
  check(): void {
    const { database, model } = this;
    expect(database.size).toBe(model.size);
    const times = [...model.values()].map(({ expireAtMs }) => expireAtMs);
    expect(database.expiringCount).toBe(times.filter((atMs) => atMs !== NO_EXPIRY).length);
    const counts = new Map<number, number>();
    for (const key of model.keys()) {
      const slot = this.slot(key);
      counts.set(slot, (counts.get(slot) ?? 0) + 1);
    }
    for (const [slot, count] of counts) expect(database.countInSlot(slot)).toBe(count);
    for (const key of [...model.keys()]) this.get(key);
    const keys: string[] = [];
    database.forEachKey(this.nowMs, (key) => keys.push(latin1(key)));
    expect(keys.sort()).toEqual([...model.keys()].sort());
  }
}
