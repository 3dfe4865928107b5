// Hot path: per entry. Reads an RDB file from a stream cut anywhere: bytes are pushed, events are pulled.
//
// Items (an opcode with what belongs to it, a key with its value) are first skimmed for their end as their bytes arrive,
// and decoded in one go when they are whole, where they lie: in the chunk, or in the feed's memory when a chunk's end has
// cut them. So memory follows what has arrived and never what was announced, and nothing is looked at twice.

import { Crc64 } from './crc64.ts';
import { Cursor } from './cursor.ts';
import { moduleName, skipModuleParts } from './decode-module.ts';
import { decodeValue } from './decode-value.ts';
import { RdbError, type RdbErrorCode } from './errors.ts';
import type { RdbEntry, RdbEvent } from './events.ts';
import { Feed } from './feed.ts';
import { CHECKSUM_SINCE, NO_EXPIRY, Opcode, VERSION_MAX, VERSION_MIN } from './format.ts';
import { ITEM_PLANS, type Plan, REFUSED } from './grammar.ts';
import { DEFAULT_RDB_LIMITS, type RdbLimits } from './limits.ts';
import { Skimmer } from './skimmer.ts';

const HEADER_BYTES = 9;
const HEADER_PLAN: Plan = [HEADER_BYTES];
const MAGIC = 'REDIS';
/** Valkey 9 has a magic of its own for versions that Redis does not know. */
const VALKEY_MAGIC = 'VALKEY';
const NO_PLAN: Plan = [];
const NO_CHECKSUM = new Uint8Array(8);
/** What `moduleAux` has before its number: it is an unsigned integer. */
const WHEN_OPCODE = 2;
/** Slots there are in a cluster. */
const SLOT_COUNT = 16384;
/** Below are types of values. */
const FIRST_OPCODE = 128;
/** For strings that have to be unpacked: the most that one item's may take before they get memory of their own. */
const SCRATCH_BYTES: number = 64 * 1024;
/** Redis holds the number of a database in an int. */
const DATABASE_MAX = 0x7fff_ffff;

export interface RdbReaderOptions {
  /** What differs from {@link DEFAULT_RDB_LIMITS}. */
  readonly limits?: Partial<RdbLimits>;
}

/**
 * Reads an RDB file: push chunks, and pull events while `next()` gives one. After the event `end` nothing is read any
 * more: what else arrived is in {@link RdbReader.rest}.
 *
 * Once it has thrown an {@link RdbError} it throws the same one for ever.
 */
export class RdbReader {
  readonly #feed: Feed = new Feed();
  readonly #skimmer: Skimmer;
  readonly #cursor: Cursor;
  readonly #crc: Crc64 = new Crc64();
  /** How much of the input is in the checksum. */
  #summedBytes = 0;
  /** The item at hand has been begun to skim. */
  #isBegun = false;
  #version = 0;
  #database = 0;
  #expireAtMs = NO_EXPIRY;
  #idleS: number | null = null;
  #frequency: number | null = null;
  #emptySkipped = 0;
  #isDone = false;
  #failure: RdbError | null = null;

  constructor(options: RdbReaderOptions = {}) {
    const limits = { ...DEFAULT_RDB_LIMITS, ...options.limits };
    this.#skimmer = new Skimmer(limits);
    this.#cursor = new Cursor(limits, new Uint8Array(SCRATCH_BYTES));
  }

  /** The file's version; 0 before its header has been read. */
  get version(): number {
    return this.#version;
  }

  /** The file has been read to its end. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Bytes of the input that belong to the events so far; at the end, those of the whole file. */
  get consumedBytes(): number {
    return this.#feed.base + this.#feed.at;
  }

  /** Keys whose collection had no elements: old servers wrote such by mistake, and Redis leaves them out as well. */
  get emptyKeysSkipped(): number {
    return this.#emptySkipped;
  }

  /**
   * Adds bytes. The chunk must stay unchanged until {@link next} has returned null; to push another one before that
   * costs a copy of what has not been read yet.
   */
  push(chunk: Uint8Array): void {
    this.#feed.push(chunk);
  }

  /**
   * The next event; null if more bytes are needed, or at the end.
   * @throws RdbError if the bytes are no RDB file, or one that cannot be trusted
   */
  next(): RdbEvent | null {
    if (this.#failure !== null) throw this.#failure;
    try {
      while (!this.#isDone && this.#skim()) {
        const event = this.#item();
        if (event !== null) return event;
      }
      return null;
    } catch (error) {
      if (!(error instanceof RdbError)) throw error;
      this.#failure = this.#withKey(error);
      throw this.#failure;
    }
  }

  /** Adds the key to an error that was found before its value was whole, if the key is. */
  #withKey(error: RdbError): RdbError {
    const { bytes, at, end, base } = this.#feed;
    const isValue = this.#version > 0 && this.#isBegun && bytes[at] < FIRST_OPCODE;
    if (error.key !== null || !isValue) return error;
    const cursor = this.#cursor;
    try {
      cursor.open(bytes, at + 1, end, base);
      const key = cursor.readBytes().slice();
      return new RdbError(error.code, error.offset, error.reason, key);
    } catch {
      return error; // the key itself is what is damaged
    }
  }

  /** The input is over. @throws RdbError if the file is not */
  end(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#isDone) return;
    const offset = this.#feed.base + this.#feed.at + this.#feed.left;
    this.#failure = new RdbError('TRUNCATED', offset, 'the input ends before the file');
    throw this.#failure;
  }

  /** A copy of the bytes that arrived and belong to no event yet: at the end, what follows the file. */
  rest(): Uint8Array {
    return this.#feed.rest();
  }

  /** Whether an item is whole: it lies in the feed from `at` to the skimmer's `at`. */
  #skim(): boolean {
    const feed = this.#feed;
    const skimmer = this.#skimmer;
    for (;;) {
      if (!this.#isBegun && feed.at < feed.end) this.#begin();
      if (this.#isBegun && skimmer.run(feed.bytes, feed.end)) {
        this.#isBegun = false;
        return true;
      }
      const before = feed.at;
      const hasMore = feed.more(skimmer.at);
      if (this.#isBegun) skimmer.moveDown(before - feed.at);
      if (hasMore) continue;
      if (this.#isBegun && !this.#isAtEnd) this.#sumTo(Math.min(feed.end, skimmer.at));
      return false;
    }
  }

  /** The item at hand is the last one, whose bytes are the checksum itself. */
  get #isAtEnd(): boolean {
    return this.#version > 0 && this.#feed.bytes[this.#feed.at] === Opcode.end;
  }

  /** Takes the bytes before `stop` into the checksum: of a large value as they come, so that none takes long. */
  #sumTo(stop: number): void {
    const { bytes, base } = this.#feed;
    this.#crc.update(bytes, this.#summedBytes - base, stop);
    this.#summedBytes = base + stop;
  }

  /** Looks at the first byte of an item, which says what to expect. */
  #begin(): void {
    const feed = this.#feed;
    const skimmer = this.#skimmer;
    skimmer.base = feed.base;
    this.#isBegun = true;
    if (this.#version === 0) {
      skimmer.start(HEADER_PLAN, feed.at, 0);
      return;
    }
    const first = feed.bytes[feed.at];
    const hasNoChecksum = first === Opcode.end && this.#version < CHECKSUM_SINCE;
    const plan = hasNoChecksum ? NO_PLAN : ITEM_PLANS[first];
    if (plan === undefined) {
      const refused = REFUSED.get(first);
      if (refused !== undefined) this.#fail('UNSUPPORTED_TYPE', `${refused} (byte ${first})`);
      this.#fail('UNKNOWN_OPCODE', `no opcode and no type is ${first}`);
    }
    skimmer.start(plan, feed.at, 1);
  }

  /** Decodes the item that is whole; null for what is part of the next event. */
  #item(): RdbEvent | null {
    const feed = this.#feed;
    const { bytes, at } = feed;
    const end = this.#skimmer.at;
    if (this.#isAtEnd) return this.#end(bytes, at, end);
    this.#cursor.open(bytes, at, end, feed.base);
    const event = this.#version === 0 ? this.#header(bytes, at) : this.#decode(this.#cursor);
    this.#sumTo(end);
    feed.settle(end);
    return event;
  }

  #header(bytes: Uint8Array, at: number): RdbEvent {
    const text = String.fromCharCode(...bytes.subarray(at, at + HEADER_BYTES));
    if (text.startsWith(VALKEY_MAGIC)) {
      this.#fail('UNSUPPORTED_VERSION', `version ${text.slice(VALKEY_MAGIC.length)} of Valkey`);
    }
    const digits = text.slice(MAGIC.length);
    if (!text.startsWith(MAGIC) || !/^\d{4}$/.test(digits)) {
      this.#fail('BAD_MAGIC', 'does not begin with REDIS and four digits');
    }
    const version = Number(digits);
    if (version < VERSION_MIN || version > VERSION_MAX) {
      this.#fail('UNSUPPORTED_VERSION', `version ${version}; ${VERSION_MAX} is the last known`);
    }
    this.#version = version;
    return { kind: 'header', version };
  }

  #decode(cursor: Cursor): RdbEvent | null {
    const first = cursor.byte();
    switch (first) {
      case Opcode.aux: {
        const name = cursor.readBytes();
        return { kind: 'aux', name, value: cursor.readBytes() };
      }
      case Opcode.selectDatabase:
        this.#database = cursor.readLength();
        if (this.#database > DATABASE_MAX) {
          cursor.fail('BAD_LENGTH', `no database is ${this.#database}`);
        }
        return { kind: 'database', database: this.#database };
      case Opcode.resizeDatabase:
        return {
          kind: 'sizes',
          keyCount: cursor.readLength(),
          expiringCount: cursor.readLength(),
        };
      case Opcode.slotInfo: {
        const slot = cursor.readLength();
        if (slot >= SLOT_COUNT) cursor.fail('BAD_LENGTH', `no slot is ${slot}`);
        const keyCount = cursor.readLength();
        return { kind: 'slotInfo', slot, keyCount, expiringCount: cursor.readLength() };
      }
      case Opcode.expireTimeMs:
        this.#expireAtMs = cursor.readInt64();
        return null;
      case Opcode.expireTimeS:
        this.#expireAtMs = cursor.readInt32() * 1000;
        return null;
      case Opcode.idle:
        this.#idleS = cursor.readLength();
        return null;
      case Opcode.frequency:
        this.#frequency = cursor.byte();
        return null;
      case Opcode.function2:
        return { kind: 'functionLibrary', code: cursor.readBytes() };
      case Opcode.moduleAux:
        return this.#moduleAux(cursor);
      default:
        return this.#entry(cursor, first);
    }
  }

  #entry(cursor: Cursor, type: number): RdbEntry | null {
    cursor.readString();
    const { string: keyBytes, stringStart: keyStart, stringEnd: keyEnd } = cursor;
    cursor.keyBytes = keyBytes;
    cursor.keyStart = keyStart;
    cursor.keyEnd = keyEnd;
    const value = decodeValue(cursor, type);
    const expireAtMs = this.#expireAtMs;
    const idleS = this.#idleS;
    const frequency = this.#frequency;
    this.#expireAtMs = NO_EXPIRY;
    this.#idleS = null;
    this.#frequency = null;
    if (value === null) {
      this.#emptySkipped++;
      return null;
    }
    return {
      kind: 'entry',
      database: this.#database,
      keyBytes,
      keyStart,
      keyEnd,
      value,
      expireAtMs,
      idleS,
      frequency,
    };
  }

  #moduleAux(cursor: Cursor): RdbEvent {
    const id = cursor.readUint64();
    const whenOpcode = cursor.readLength();
    if (whenOpcode !== WHEN_OPCODE) cursor.fail('BAD_VALUE', 'a module that does not say when');
    const when = cursor.readLength();
    const { at } = cursor;
    skipModuleParts(cursor);
    const bytes = cursor.bytes.subarray(at, cursor.at);
    return { kind: 'moduleAux', id, ...moduleName(id), when, bytes };
  }

  #end(bytes: Uint8Array, at: number, end: number): RdbEvent {
    this.#sumTo(at + 1);
    const hasChecksum = end > at + 1;
    const isDisabled = hasChecksum && NO_CHECKSUM.every((zero, i) => bytes[at + 1 + i] === zero);
    if (hasChecksum && !isDisabled && !this.#crc.equals(bytes, at + 1)) {
      this.#fail('CHECKSUM_MISMATCH', 'the content is not what the checksum was made of');
    }
    this.#crc.release();
    this.#feed.settle(end);
    this.#isDone = true;
    return {
      kind: 'end',
      checksum: isDisabled ? 'disabled' : hasChecksum ? 'verified' : 'absent',
    };
  }

  #fail(code: RdbErrorCode, reason: string): never {
    throw new RdbError(code, this.#feed.base + this.#feed.at, reason);
  }
}
