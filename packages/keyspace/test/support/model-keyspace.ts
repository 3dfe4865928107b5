// The dumb model that the keyspace is compared with: a Map of strings, and a list of what each open snapshot must show.

import { keySlot } from '@slotmesh/crc16-slots';
import { expect } from 'vitest';
import {
  type Database,
  MemoryKeyspace,
  NO_EXPIRY,
  type Snapshot,
  type SnapshotEntry,
  type StructureImage,
  ValueKind,
} from '../../src/index.ts';
import { BYTE_SET, ByteSet } from './byte-set.ts';

export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

export const HASH_KEY = { low: 0x1234, high: 0x5678 };

export interface ModelValue {
  readonly type: 'string' | 'set';
  /** Of a set the members, sorted, a blank between them. */
  readonly value: string;
  readonly expireAtMs: number;
}

/** What a snapshot shows of a set that is a structure. */
interface OpenImage {
  readonly key: string;
  readonly image: StructureImage;
  readonly members: string[];
  readonly expireAtMs: number;
}

interface OpenSnapshot {
  readonly expected: ReadonlyMap<string, ModelValue>;
  readonly seen: Map<string, ModelValue>;
  readonly cursor: Snapshot;
  /** Those that are not at their end yet: they may go on when the snapshot is at its own. */
  readonly images: OpenImage[];
}

const membersOf = (value: string): string[] => (value === '' ? [] : value.split(' '));

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
    this.keyspace = new MemoryKeyspace({ databases: 1, bySlot, hashKey: HASH_KEY });
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
    this.model.set(key, { type: 'string', value, expireAtMs });
  }

  /** Finds a key, and compares what is found. */
  get(key: string): boolean {
    const { database } = this;
    const buffer = bytesOf(`<${key}>`);
    const expected = this.live(key);
    const found = database.find(this.slot(key), buffer, 1, 1 + key.length, this.nowMs);
    expect(found).toBe(expected !== undefined);
    if (expected === undefined) return false;
    expect(database.foundType).toBe(expected.type);
    expect(database.foundKind).toBe(ValueKind[expected.type]);
    expect(this.foundValue()).toBe(expected.value);
    expect(database.foundExpireAtMs).toBe(expected.expireAtMs);
    expect(database.foundMemoryBytes).toBeGreaterThanOrEqual(key.length + expected.value.length);
    return true;
  }

  foundValue(): string {
    const { foundBytes, foundStart, foundEnd, foundKind } = this.database;
    if (foundKind === ValueKind.set) return this.foundSet().names.join(' ');
    return latin1(foundBytes.subarray(foundStart, foundEnd));
  }

  /** The set that was found: itself where it is a structure, else a copy. */
  foundSet(): ByteSet {
    const { foundBytes, foundStart, foundEnd, foundStructure } = this.database;
    if (foundStructure === null) return BYTE_SET.unpack(foundBytes, foundStart, foundEnd);
    expect(foundStructure).toBeInstanceOf(ByteSet);
    expect(foundStart).toBe(foundEnd);
    return foundStructure as ByteSet;
  }

  /** Adds members to a set, or removes them, as a command would; nothing where the key holds a string. */
  changeSet(key: string, names: readonly string[], adds: boolean): void {
    const { database } = this;
    const old = this.live(key);
    if (this.get(key) && old?.type !== 'set') return;
    const expireAtMs = old?.expireAtMs ?? NO_EXPIRY;
    const structure = old === undefined ? null : database.foundStructure;
    const set = old === undefined ? new ByteSet() : this.foundSet();
    if (structure !== null) database.changing();
    const members = new Set(membersOf(old?.value ?? ''));
    for (const name of names) {
      if (adds) expect(set.add(bytesOf(name))).toBe(!members.has(name));
      else expect(set.remove(bytesOf(name))).toBe(members.has(name));
      members[adds ? 'add' : 'delete'](name);
    }
    if (members.size === 0) {
      if (old !== undefined) this.delete(key);
      return;
    }
    const packed = BYTE_SET.pack(set);
    const bytes = bytesOf(key);
    const slot = this.slot(key);
    if (packed !== null) {
      const { set: kind } = ValueKind;
      const { length } = packed;
      database.setCompact(slot, bytes, 0, bytes.length, kind, packed, 0, length, expireAtMs);
    } else if (structure === null) {
      database.setStructure(slot, bytes, 0, bytes.length, set, expireAtMs);
    }
    const value = [...members].sort().join(' ');
    this.model.set(key, { type: 'set', value, expireAtMs });
  }

  /** Gives a value another key. */
  rename(from: string, to: string): void {
    const { database, nowMs } = this;
    const held = this.live(from);
    const value = database.detach(this.slot(from), bytesOf(from), 0, from.length, nowMs);
    expect(value !== null).toBe(held !== undefined);
    if (value === null || held === undefined) return;
    this.model.delete(from);
    database.attach(this.slot(to), bytesOf(to), 0, to.length, value);
    this.model.set(to, held);
  }

  /** Stores the value of one key under another, straight from where it lies. */
  copy(from: string, to: string): void {
    if (!this.get(from)) return;
    const { database } = this;
    const { foundKind, foundBytes, foundStart, foundEnd, foundExpireAtMs, foundStructure } =
      database;
    const key = bytesOf(to);
    const slot = this.slot(to);
    if (foundStructure !== null) {
      database.setStructure(slot, key, 0, key.length, foundStructure.clone(), foundExpireAtMs);
    } else {
      database.setCompact(
        slot,
        key,
        0,
        key.length,
        foundKind,
        foundBytes,
        foundStart,
        foundEnd,
        foundExpireAtMs,
      );
    }
    this.model.set(to, this.model.get(from)!);
  }

  /** Reshapes a value, and writes `text` to its end as far as it fits. Sets are left alone. */
  reshape(key: string, length: number, text: string): void {
    const { database } = this;
    const old = this.live(key);
    if (old?.type === 'set') return;
    database.reshape(this.slot(key), bytesOf(key), 0, key.length, length, this.nowMs);
    const expireAtMs = old?.expireAtMs ?? NO_EXPIRY;
    const shaped = (old?.value ?? '').slice(0, length).padEnd(length, '\0');
    expect(this.foundValue() === shaped).toBe(true);
    expect(database.foundExpireAtMs).toBe(expireAtMs);
    const end = text.slice(0, length);
    database.foundBytes.set(bytesOf(end), database.foundEnd - end.length);
    const value = shaped.slice(0, length - end.length) + end;
    this.model.set(key, { type: 'string', value, expireAtMs });
  }

  expire(key: string, ttl: number | null): void {
    const atMs = ttl === null ? NO_EXPIRY : this.nowMs + ttl;
    const held = this.live(key);
    const { database, nowMs } = this;
    const done = database.setExpiry(this.slot(key), bytesOf(key), 0, key.length, atMs, nowMs);
    expect(done).toBe(held !== undefined);
    if (held !== undefined) this.model.set(key, { ...held, expireAtMs: atMs });
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
    const images: OpenImage[] = [];
    const cursor = this.database.snapshot(slots, (entry: SnapshotEntry) => {
      const { keyBytes, keyStart, keyEnd, valueBytes, valueStart, valueEnd, expireAtMs } = entry;
      const key = latin1(keyBytes.subarray(keyStart, keyEnd));
      expect(seen.has(key) || images.some((image) => image.key === key)).toBe(false);
      expect(entry.slot).toBe(this.slot(key));
      if (entry.structure !== null) {
        images.push({ key, image: entry.structure.freeze(), members: [], expireAtMs });
        return;
      }
      const { type } = entry;
      if (type !== 'string' && type !== 'set') throw new Error(`a value of type ${type}`);
      const value =
        type === 'set'
          ? BYTE_SET.unpack(valueBytes, valueStart, valueEnd).names.join(' ')
          : latin1(valueBytes.subarray(valueStart, valueEnd));
      seen.set(key, { type, value, expireAtMs });
    });
    this.snapshots.push({ expected, seen, cursor, images });
  }

  /** Lets a snapshot go on; at its end, or where it is given up, compares what it has shown. */
  stepSnapshot(which: number, count: number, givesUp: boolean): void {
    const snapshot = this.snapshots[which % this.snapshots.length];
    if (snapshot === undefined) return;
    const { expected, seen, cursor, images } = snapshot;
    // A step of the snapshot, then one of an image: images end before it, and after it.
    const hasMore = !givesUp && cursor.step(count);
    if (!givesUp && images.length > 0) this.#stepImage(snapshot, count);
    if (hasMore || (!givesUp && images.length > 0)) return;
    cursor.close();
    for (const { image } of images) image.close();
    this.snapshots.splice(this.snapshots.indexOf(snapshot), 1);
    for (const [key, value] of seen) expect(value).toEqual(expected.get(key));
    if (!givesUp) expect(seen.size).toBe(expected.size);
  }

  #stepImage({ images, seen }: OpenSnapshot, count: number): void {
    const { key, image, members, expireAtMs } = images[0];
    const hasMore = image.step(count, (bytes, start, end) => {
      members.push(latin1(bytes.subarray(start, end)));
    });
    if (hasMore) return;
    expect(members.length).toBe(image.size);
    images.shift();
    seen.set(key, { type: 'set', value: members.sort().join(' '), expireAtMs });
  }

  /** Gives back all that can be. */
  reclaim(): void {
    while (this.keyspace.reclaim(100) > 0);
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
    database.forEachKey(this.nowMs, (key, type) => {
      expect(type).toBe(model.get(latin1(key))?.type);
      keys.push(latin1(key));
    });
    expect(keys.sort()).toEqual([...model.keys()].sort());
  }
}
