// Values as this package hands them out and takes them: what they are, not how a file packed them.

/** What a key can hold. */
export type RdbValue =
  | RdbString
  | RdbList
  | RdbSet
  | RdbSortedSet
  | RdbHash
  | RdbStream
  | RdbModule;

/** The bytes lie in `bytes[start, end)`. */
export interface RdbString {
  readonly type: 'string';
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export interface RdbList {
  readonly type: 'list';
  readonly elements: readonly Uint8Array[];
}

export interface RdbSet {
  readonly type: 'set';
  readonly members: readonly Uint8Array[];
}

/** Member i has score i. */
export interface RdbSortedSet {
  readonly type: 'zset';
  readonly members: readonly Uint8Array[];
  readonly scores: readonly number[];
}

/** Field i has value i. */
export interface RdbHash {
  readonly type: 'hash';
  readonly fields: readonly Uint8Array[];
  readonly values: readonly Uint8Array[];
  /** When field i expires, Unix milliseconds or `NO_EXPIRY`; null where none does. */
  readonly expiresAtMs: readonly number[] | null;
}

export interface RdbStream {
  readonly type: 'stream';
  /** In the order of their ids. */
  readonly entries: readonly RdbStreamEntry[];
  readonly lastId: RdbStreamId;
  /** Null where the form is older than Redis 7.0, which began to keep them. */
  readonly history: RdbStreamHistory | null;
  readonly groups: readonly RdbStreamGroup[];
}

/** Both parts have 64 bits. */
export interface RdbStreamId {
  readonly ms: bigint;
  readonly sequence: bigint;
}

export interface RdbStreamEntry {
  readonly id: RdbStreamId;
  /** Field, value, field, value. */
  readonly fields: readonly Uint8Array[];
}

export interface RdbStreamHistory {
  readonly firstId: RdbStreamId;
  readonly maxDeletedId: RdbStreamId;
  /** Entries ever added. */
  readonly entriesAdded: bigint;
}

export interface RdbStreamGroup {
  readonly name: Uint8Array;
  readonly lastId: RdbStreamId;
  /** Entries that the group has read; null where that is not known. */
  readonly entriesRead: bigint | null;
  /** In the order of their ids. */
  readonly pending: readonly RdbPendingEntry[];
  readonly consumers: readonly RdbStreamConsumer[];
}

/** An entry that was delivered and not acknowledged. */
export interface RdbPendingEntry {
  readonly id: RdbStreamId;
  readonly deliveredAtMs: number;
  readonly deliveryCount: number;
  /** Whose it is: an index into the group's consumers. */
  readonly consumer: number;
}

export interface RdbStreamConsumer {
  readonly name: Uint8Array;
  readonly seenAtMs: number;
  /** When it read something last; null where that is not known, as before Redis 7.2; -1 = never. */
  readonly activeAtMs: number | null;
}

/** A value of a module that is not here: its bytes, which can be kept and written again. */
export interface RdbModule {
  readonly type: 'module';
  /** Name and version of its encoding, as a 64-bit number. */
  readonly id: bigint;
  /** The nine characters of the name. */
  readonly name: string;
  readonly encodingVersion: number;
  /** Its parts, with the one that ends them, lie in `bytes[start, end)`. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}
