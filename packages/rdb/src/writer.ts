// Hot path: per entry. Writes an RDB file into a buffer that the caller empties when it likes, so that a file can be
// streamed in slices between other work. An entry with a string value is written straight from where its bytes lie.

import { Crc64 } from './crc64.ts';
import { encodeValue, typeOfValue } from './encode-value.ts';
import { Encoder } from './encoder.ts';
import { RdbUsageError } from './errors.ts';
import {
  DEFAULT_VERSION,
  NO_EXPIRY,
  Opcode,
  Type,
  VERSION_MAX,
  WRITTEN_VERSION_MIN,
} from './format.ts';
import { asciiBytes } from './integers.ts';
import type { RdbValue } from './value.ts';

/** Since then libraries of functions have their form, and slots are announced. */
const FUNCTIONS_SINCE = 10;
const SLOT_INFO_SINCE = 12;
const FIRST_BYTES = 64 * 1024;
/** A buffer that grew larger than this is given up when it is taken: one large value must not cost for ever. */
const KEPT_BYTES = 1024 * 1024;
/** Opcode and time of an expiry, and the type. */
const ENTRY_HEAD_BYTES = 10;
const NO_CHECKSUM = new Uint8Array(8);

export interface RdbWriterOptions {
  /** 9 to 12; 10, which Redis 7.0 writes, unless told otherwise. Servers read what is not newer than they are. */
  readonly version?: number;
  /** Compress strings of more than 20 bytes where that makes them shorter; true unless told otherwise. */
  readonly compression?: boolean;
  /** End with a checksum; true unless told otherwise. */
  readonly checksum?: boolean;
}

/** @throws RdbUsageError if no such version is written here */
export function checkWrittenVersion(version: number): void {
  if (version >= WRITTEN_VERSION_MIN && version <= VERSION_MAX && Number.isInteger(version)) return;
  throw new RdbUsageError(
    'UNSUPPORTED_VERSION',
    `versions ${WRITTEN_VERSION_MIN} to ${VERSION_MAX} are written, not ${version}`,
  );
}

/**
 * Writes an RDB file, from its header on. The order is Redis's: facts about the server, then for each database its number,
 * its sizes and its entries, then the end; nobody checks that the caller keeps to it.
 */
export class RdbWriter {
  readonly version: number;
  readonly #encoder: Encoder;
  readonly #crc: Crc64 | null;
  /** Up to where the buffer is in the checksum. */
  #summedTo = 0;
  #takenBytes = 0;
  #isFinished = false;
  /** What was taken last and may come back, and what has come back while the writer was at work in other memory. */
  #lent: Uint8Array | null = null;
  #spare: Uint8Array | null = null;

  /** @throws RdbUsageError if the version is not one that is written */
  constructor(options: RdbWriterOptions = {}) {
    const { version = DEFAULT_VERSION, compression = true, checksum = true } = options;
    checkWrittenVersion(version);
    this.version = version;
    this.#encoder = new Encoder(compression, FIRST_BYTES);
    this.#crc = checksum ? new Crc64() : null;
    this.#encoder.raw(asciiBytes(`REDIS${String(version).padStart(4, '0')}`));
  }

  /** Bytes written and not taken. */
  get length(): number {
    return this.#encoder.at;
  }

  /** Bytes written in all. */
  get writtenBytes(): number {
    return this.#takenBytes + this.#encoder.at;
  }

  /**
   * Hands over the bytes written since the last time. They are the caller's until it says otherwise with {@link recycle}:
   * the writer goes on in fresh memory.
   */
  take(): Uint8Array {
    const encoder = this.#encoder;
    this.#sum();
    const taken = encoder.bytes.subarray(0, encoder.at);
    this.#takenBytes += taken.length;
    this.#lent = encoder.bytes.length <= KEPT_BYTES ? encoder.bytes : null;
    encoder.giveAway();
    if (this.#spare !== null) encoder.adopt(this.#spare);
    this.#spare = null;
    this.#summedTo = 0;
    return taken;
  }

  /**
   * Nobody looks any more at what was taken, last or at another time: its memory is written anew. Who takes parts of a
   * large file and gives none back leaves the engine a lot of memory to find.
   */
  recycle(taken: Uint8Array | null = this.#lent): void {
    const encoder = this.#encoder;
    if (taken === null || taken.length === 0) return;
    if (taken.buffer === this.#lent?.buffer) this.#lent = null;
    const memory = new Uint8Array(taken.buffer);
    if (memory.length > KEPT_BYTES || memory.buffer === encoder.bytes.buffer) return;
    if (encoder.bytes.length === 0) encoder.adopt(memory);
    else this.#spare = memory;
  }

  /** A fact about the server: `redis-ver` and the like. Texts are ASCII. */
  aux(name: string | Uint8Array, value: string | Uint8Array): void {
    this.#open(Opcode.aux);
    this.#encoder.string(typeof name === 'string' ? asciiBytes(name) : name);
    this.#encoder.string(typeof value === 'string' ? asciiBytes(value) : value);
  }

  /** The entries from here on are of this database. */
  selectDatabase(database: number): void {
    this.#open(Opcode.selectDatabase);
    this.#encoder.length(database);
  }

  /** How many keys the database has, and how many of them expire, so that a reader can make room. */
  sizes(keyCount: number, expiringCount: number): void {
    this.#open(Opcode.resizeDatabase);
    this.#encoder.length(keyCount);
    this.#encoder.length(expiringCount);
  }

  /** The same for a slot whose keys follow. @throws RdbUsageError before version 12 */
  slotInfo(slot: number, keyCount: number, expiringCount: number): void {
    this.#needs(SLOT_INFO_SINCE, 'slots that are announced');
    this.#open(Opcode.slotInfo);
    this.#encoder.length(slot);
    this.#encoder.length(keyCount);
    this.#encoder.length(expiringCount);
  }

  /** A library of functions: its source. @throws RdbUsageError before version 10 */
  functionLibrary(code: Uint8Array): void {
    this.#needs(FUNCTIONS_SINCE, 'functions');
    this.#open(Opcode.function2);
    this.#encoder.string(code);
  }

  /** The next entry was used so many seconds ago. */
  idle(seconds: number): void {
    this.#open(Opcode.idle);
    this.#encoder.length(seconds);
  }

  /** The next entry has this logarithmic access counter, 0 to 255. */
  frequency(counter: number): void {
    this.#open(Opcode.frequency);
    this.#encoder.byte(counter);
  }

  /** A key `keyBytes[keyStart, keyEnd)` whose value is the string `valueBytes[valueStart, valueEnd)`. */
  stringEntry(
    keyBytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueBytes: Uint8Array,
    valueStart: number,
    valueEnd: number,
    expireAtMs: number = NO_EXPIRY,
  ): void {
    this.#head(Type.string, expireAtMs);
    this.#encoder.string(keyBytes, keyStart, keyEnd);
    this.#encoder.string(valueBytes, valueStart, valueEnd);
  }

  /**
   * A key `keyBytes[keyStart, keyEnd)` with any value.
   * @throws RdbUsageError if the value cannot be written in this version
   */
  entry(
    keyBytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: RdbValue,
    expireAtMs: number = NO_EXPIRY,
  ): void {
    const type = typeOfValue(value, this.version);
    const from = this.#encoder.at;
    this.#head(type, expireAtMs);
    this.#encoder.string(keyBytes, keyStart, keyEnd);
    try {
      encodeValue(this.#encoder, value, type);
    } catch (error) {
      this.#encoder.at = from;
      throw error;
    }
  }

  /** Ends the file. */
  finish(): void {
    this.#open(Opcode.end);
    this.#isFinished = true;
    this.#sum();
    const encoder = this.#encoder;
    encoder.raw(NO_CHECKSUM);
    this.#crc?.writeTo(encoder.bytes, encoder.at - NO_CHECKSUM.length);
    this.#summedTo = encoder.at;
  }

  #open(opcode: number): void {
    if (this.#isFinished) throw new RdbUsageError('FINISHED', 'the file has its end already');
    this.#encoder.byte(opcode);
  }

  #head(type: number, expireAtMs: number): void {
    if (this.#isFinished) throw new RdbUsageError('FINISHED', 'the file has its end already');
    const encoder = this.#encoder;
    encoder.reserve(ENTRY_HEAD_BYTES);
    if (expireAtMs !== NO_EXPIRY) {
      encoder.bytes[encoder.at++] = Opcode.expireTimeMs;
      encoder.int64(expireAtMs);
    }
    encoder.bytes[encoder.at++] = type;
  }

  #needs(version: number, what: string): void {
    if (this.version >= version) return;
    throw new RdbUsageError(
      'NEEDS_NEWER_VERSION',
      `${what} need version ${version}, not ${this.version}`,
    );
  }

  /** Takes into the checksum what has been written since the last time. */
  #sum(): void {
    const { bytes, at } = this.#encoder;
    this.#crc?.update(bytes, this.#summedTo, at);
    this.#summedTo = at;
  }
}
