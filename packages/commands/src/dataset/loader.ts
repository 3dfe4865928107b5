// An RDB file into databases, as its bytes arrive.
//
// Nothing is ever half loaded: the databases must be empty at the beginning, and whatever goes wrong empties them again.
// Who wants to keep the old data until the new are complete loads into a fresh keyspace and changes over.

import { keySlotOfRange } from '@slotmesh/crc16-slots';
import { type Database, NO_EXPIRY } from '@slotmesh/keyspace';
import { type RdbEntry, type RdbEvent, type RdbLimits, RdbReader } from '@slotmesh/rdb';
import { latin1 } from '../bytes.ts';
import { DatasetError, shownKey } from './errors.ts';

export interface DatasetLoaderOptions {
  /** Keys are kept by slot, as in cluster mode. */
  readonly bySlot: boolean;
  /** The time of now, Unix milliseconds: keys that have expired by then are left out. */
  readonly nowMs: number;
  /** They are loaded all the same: a replica waits until its primary says that they are gone. */
  readonly keepsExpired: boolean;
  /** What one value may cost; the limits of `@slotmesh/rdb` unless told otherwise. */
  readonly limits?: Partial<RdbLimits>;
}

/** Loads an RDB file: push its chunks, and say when it is over. A slice of work is one chunk. */
export class DatasetLoader {
  /** What the file says about its server, such as `repl-id` and `repl-offset`. Texts have one character per byte. */
  readonly aux: Map<string, string> = new Map();
  readonly #databases: readonly Database[];
  readonly #options: DatasetLoaderOptions;
  readonly #reader: RdbReader;
  #loadedCount = 0;
  #expiredCount = 0;
  #failure: unknown = null;

  /**
   * `databases` by their numbers, all of them empty. They are the loader's until it is done, or has failed.
   * @throws DatasetError NOT_EMPTY
   */
  constructor(databases: readonly Database[], options: DatasetLoaderOptions) {
    if (databases.some((database) => database.size > 0)) {
      throw new DatasetError('NOT_EMPTY', 'the databases to load into are not empty');
    }
    this.#databases = databases;
    this.#options = options;
    this.#reader = new RdbReader(options.limits === undefined ? {} : { limits: options.limits });
  }

  /** Keys that have been loaded. */
  get loadedCount(): number {
    return this.#loadedCount;
  }

  /** Keys that were left out because they had expired. */
  get expiredCount(): number {
    return this.#expiredCount;
  }

  /** The file has been loaded to its end. */
  get isDone(): boolean {
    return this.#reader.isDone;
  }

  /** Bytes of the input that belong to the file so far; at the end, the size of the file. */
  get consumedBytes(): number {
    return this.#reader.consumedBytes;
  }

  /**
   * Loads what has arrived. Once the file has ended nothing more is read: see {@link rest}.
   * @throws RdbError if the bytes are damaged, DatasetError if this server has no place for what they hold; the databases
   *   are empty then, and the same error is thrown for ever
   */
  push(chunk: Uint8Array): void {
    this.#guarded(() => {
      const reader = this.#reader;
      reader.push(chunk);
      for (let event = reader.next(); event !== null; event = reader.next()) this.#take(event);
    });
  }

  /** The input is over. @throws RdbError TRUNCATED if the file is not; the databases are empty then */
  end(): void {
    this.#guarded(() => this.#reader.end());
  }

  /** A copy of what came behind the end of the file. */
  rest(): Uint8Array {
    return this.#reader.rest();
  }

  /** Gives up: the databases are emptied, whatever has been loaded. */
  abort(): void {
    this.#failure ??= new Error('loading was given up');
    for (const database of this.#databases) database.clear();
  }

  #guarded(act: () => void): void {
    if (this.#failure !== null) throw this.#failure;
    try {
      act();
    } catch (error) {
      this.#failure = error;
      this.abort();
      throw error;
    }
  }

  #take(event: RdbEvent): void {
    switch (event.kind) {
      case 'entry':
        this.#load(event);
        return;
      case 'aux':
        this.aux.set(latin1(event.name), latin1(event.value));
        return;
      case 'functionLibrary':
        throw new DatasetError('UNSUPPORTED_PART', 'a library of functions cannot be loaded');
      case 'moduleAux':
        throw new DatasetError('UNSUPPORTED_PART', `data of module ${event.name} cannot be loaded`);
      case 'header':
      case 'database':
      case 'sizes':
      case 'slotInfo':
      case 'end':
        return;
      default:
        event satisfies never;
    }
  }

  #load(entry: RdbEntry): void {
    const { keyBytes, keyStart, keyEnd, value, expireAtMs, database: number } = entry;
    if (value.type !== 'string') {
      const key = keyBytes.slice(keyStart, keyEnd);
      const what = `the ${value.type} at key ${shownKey(key)} in database ${number}`;
      const message = `${what} cannot be loaded: strings are the only type that is`;
      throw new DatasetError('UNSUPPORTED_VALUE', message, key, value.type);
    }
    const database = this.#databases[number];
    if (database === undefined) {
      const key = keyBytes.slice(keyStart, keyEnd);
      const message = `key ${shownKey(key)} is of database ${number}, which is not there`;
      throw new DatasetError('NO_SUCH_DATABASE', message, key, value.type);
    }
    const { bySlot, nowMs, keepsExpired } = this.#options;
    const hasExpired = expireAtMs !== NO_EXPIRY && expireAtMs < nowMs;
    if (hasExpired && !keepsExpired) {
      this.#expiredCount++;
      return;
    }
    const slot = bySlot ? keySlotOfRange(keyBytes, keyStart, keyEnd) : 0;
    const { size } = database;
    const { bytes, start, end } = value;
    database.setValue(slot, keyBytes, keyStart, keyEnd, bytes, start, end, expireAtMs);
    if (database.size === size) {
      const key = keyBytes.slice(keyStart, keyEnd);
      const message = `key ${shownKey(key)} stands twice in database ${number}`;
      throw new DatasetError('DUPLICATE_KEY', message, key, value.type);
    }
    this.#loadedCount++;
    if (!hasExpired && (entry.idleS !== null || entry.frequency !== null)) {
      this.#giveAccess(database, slot, entry);
    }
  }

  #giveAccess(database: Database, slot: number, entry: RdbEntry): void {
    const { nowMs } = this.#options;
    const { keyBytes, keyStart, keyEnd, idleS, frequency } = entry;
    if (!database.find(slot, keyBytes, keyStart, keyEnd, nowMs)) return;
    database.setFoundAccess(idleS === null ? null : idleS * 1000, frequency, nowMs);
  }
}
