// All databases as one RDB file, as they are at one moment, written in slices between commands.
//
// Every database has a snapshot from the beginning. A write to an entry that its snapshot has not reached hands the entry
// over first, so entries of any database may come at any time: the file then says which one they are of, as often as
// needed.

import type { Database, Snapshot, SnapshotEntry } from '@slotmesh/keyspace';
import { ValueKind } from '@slotmesh/keyspace';
import { RdbWriter } from '@slotmesh/rdb';
import { DatasetError, shownKey } from './errors.ts';

export interface DatasetWriterOptions {
  /** Facts about the server in front of the data, in order: `redis-ver`, `ctime`, `repl-id` and the like. */
  readonly aux?: Iterable<readonly [name: string, value: string]>;
  /** `rdbchecksum`; true unless told otherwise. */
  readonly checksum?: boolean;
  /** `rdbcompression`; true unless told otherwise. */
  readonly compression?: boolean;
  /** The file's version; 10 unless told otherwise, so that Redis 7.0 and all later servers read it. */
  readonly version?: number;
}

/** An open snapshot, and the number of its database. */
interface Part {
  readonly number: number;
  readonly snapshot: Snapshot;
  readonly keyCount: number;
  readonly expiringCount: number;
  /** The sizes have been written. */
  isAnnounced: boolean;
}

/**
 * Bytes are set aside in parts of this size: many writes between two steps hand over much, and whoever takes it must not
 * have to sum or copy all of it in one go.
 */
const PART_BYTES = 128 * 1024;

/**
 * Writes databases as an RDB file: call `step` until it returns false, and `take` what has been written whenever you like.
 * What is not taken is kept in memory. Keys that have expired and are still there are written, as Redis does it.
 */
export class DatasetWriter {
  readonly #writer: RdbWriter;
  readonly #parts: Part[] = [];
  /** Parts of the file that are complete, and how many bytes they have. */
  readonly #full: Uint8Array[] = [];
  #fullBytes = 0;
  /** What the caller has, and may give back. */
  #taken: Uint8Array | null = null;
  /** The part that `step` goes on with. */
  #next = 0;
  /** The database that the file is at; -1 = none yet. */
  #current = -1;
  #failure: DatasetError | null = null;
  #isClosed = false;

  /** `databases` by their numbers: SWAPDB may have changed them. Their state of now is what is written. */
  constructor(databases: readonly Database[], options: DatasetWriterOptions = {}) {
    const { aux = [], checksum = true, compression = true, version } = options;
    const form = version === undefined ? {} : { version };
    this.#writer = new RdbWriter({ checksum, compression, ...form });
    for (const [name, value] of aux) this.#writer.aux(name, value);
    for (const [number, database] of databases.entries()) {
      const { size: keyCount, expiringCount } = database;
      if (keyCount === 0) continue;
      const index = this.#parts.length;
      const snapshot = database.snapshot(null, (entry) => this.#write(this.#parts[index], entry));
      this.#parts.push({ number, snapshot, keyCount, expiringCount, isAnnounced: false });
    }
  }

  /** Bytes written and not taken. */
  get length(): number {
    return this.#fullBytes + this.#writer.length;
  }

  /** Bytes written in all: at the end, the size of the file. */
  get writtenBytes(): number {
    return this.#writer.writtenBytes;
  }

  /**
   * Writes the next entries, about `count`: some hundreds more at most. False at the end: the file is complete then.
   * @throws DatasetError if there is a value of a type that is not written yet; the writer is closed then
   */
  step(count: number): boolean {
    if (this.#failure === null && !this.#isClosed) {
      while (this.#next < this.#parts.length) {
        const hasMore = this.#parts[this.#next].snapshot.step(count);
        if (this.#failure !== null || hasMore) break;
        this.#next++;
      }
    }
    if (this.#failure !== null) {
      this.close();
      throw this.#failure;
    }
    if (this.#next < this.#parts.length) return !this.#isClosed;
    if (!this.#isClosed) this.#writer.finish();
    this.#isClosed = true;
    return false;
  }

  /**
   * The next bytes, not all of them where there are many: see {@link length}. They are the caller's, until it gives their
   * memory back with {@link recycle}.
   */
  take(): Uint8Array {
    const full = this.#full.shift();
    const bytes = full ?? this.#writer.take();
    if (full !== undefined) this.#fullBytes -= full.length;
    this.#taken = bytes;
    return bytes;
  }

  /** Nobody looks any more at what was taken last. */
  recycle(): void {
    if (this.#taken !== null) this.#writer.recycle(this.#taken);
    this.#taken = null;
  }

  /** Gives up: what was written is no whole file. Nothing happens after the end. */
  close(): void {
    this.#isClosed = true;
    for (const { snapshot } of this.#parts) snapshot.close();
  }

  /** Runs inside a command of some client as well, which must not hear of what is wrong here. */
  #write(part: Part, entry: SnapshotEntry): void {
    if (this.#failure !== null || this.#isClosed) return;
    if (entry.kind !== ValueKind.string || entry.structure !== null) {
      const key = entry.keyBytes.slice(entry.keyStart, entry.keyEnd);
      const what = `the ${entry.type} at key ${shownKey(key)} in database ${part.number}`;
      const message = `${what} cannot be written: strings are the only type that is`;
      this.#failure = new DatasetError('UNSUPPORTED_VALUE', message, key, entry.type);
      return;
    }
    if (this.#current !== part.number) this.#select(part);
    this.#writer.stringEntry(
      entry.keyBytes,
      entry.keyStart,
      entry.keyEnd,
      entry.valueBytes,
      entry.valueStart,
      entry.valueEnd,
      entry.expireAtMs,
    );
    if (this.#writer.length < PART_BYTES) return;
    const bytes = this.#writer.take();
    this.#full.push(bytes);
    this.#fullBytes += bytes.length;
  }

  #select(part: Part): void {
    this.#current = part.number;
    this.#writer.selectDatabase(part.number);
    if (part.isAnnounced) return;
    part.isAnnounced = true;
    this.#writer.sizes(part.keyCount, part.expiringCount);
  }
}
