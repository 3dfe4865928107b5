// What a reader finds in a file, in the order of the file. Bytes in events are views, valid until the next call of the
// reader's `next` or `push`.

import type { RdbValue } from './value.ts';

export type RdbEvent =
  | RdbHeader
  | RdbAux
  | RdbDatabase
  | RdbSizes
  | RdbSlotInfo
  | RdbFunctionLibrary
  | RdbModuleAux
  | RdbEntry
  | RdbEnd;

/** The first event. */
export interface RdbHeader {
  readonly kind: 'header';
  readonly version: number;
}

/** A fact about the server that wrote the file, such as `redis-ver`. */
export interface RdbAux {
  readonly kind: 'aux';
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

/** The entries from here on are of this database; before the first of these, of database 0. */
export interface RdbDatabase {
  readonly kind: 'database';
  readonly database: number;
}

/** How many keys the database has, and how many of them expire: a hint, which nobody checks. */
export interface RdbSizes {
  readonly kind: 'sizes';
  readonly keyCount: number;
  readonly expiringCount: number;
}

/** The same for a slot, whose keys follow. */
export interface RdbSlotInfo {
  readonly kind: 'slotInfo';
  readonly slot: number;
  readonly keyCount: number;
  readonly expiringCount: number;
}

/** A library of functions: its source. */
export interface RdbFunctionLibrary {
  readonly kind: 'functionLibrary';
  readonly code: Uint8Array;
}

/** What a module keeps beside its keys: its bytes, with the part that ends them. */
export interface RdbModuleAux {
  readonly kind: 'moduleAux';
  readonly id: bigint;
  readonly name: string;
  readonly encodingVersion: number;
  /** 1 = before the keys, 2 = after them. */
  readonly when: number;
  readonly bytes: Uint8Array;
}

/** A key with its value. */
export interface RdbEntry {
  readonly kind: 'entry';
  readonly database: number;
  /** The key lies in `keyBytes[keyStart, keyEnd)`. */
  readonly keyBytes: Uint8Array;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: RdbValue;
  /** Unix milliseconds, or `NO_EXPIRY`. It may have passed. Above 2^53 the nearest double. */
  readonly expireAtMs: number;
  /** Seconds since the last access; null where the file does not tell. */
  readonly idleS: number | null;
  /** The logarithmic access counter, 0 to 255; null where the file does not tell. */
  readonly frequency: number | null;
}

/** The last event: nothing behind it is read. */
export interface RdbEnd {
  readonly kind: 'end';
  /** `disabled`: the writer was told to make none. `absent`: the version is older than checksums. */
  readonly checksum: 'verified' | 'disabled' | 'absent';
}
