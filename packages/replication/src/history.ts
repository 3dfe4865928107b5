// Hot path: per command written. Which history this node's data set belongs to, and how far: replication id and offset
// (PSYNC2 of Redis 4.0), the second id that it had before, and the end of its stream.
//
// The promise that everything else rests on: two nodes that were ever at the same id and offset had the same stream up
// to there. So the offset counts while a log exists; the id is given up when the log is, because what is written
// without a log is not counted; and a promotion starts a new id, for two primaries may go on from the same offset.

import { assert, type Random } from '@slotmesh/machine';
import type { Arguments } from '@slotmesh/resp';
import type { PartialRefusal, SavedHistory } from './contract.ts';
import { NO_ID, randomId } from './replication-id.ts';
import { StreamLog } from './stream-log.ts';
import { asciiBytes } from './text.ts';

const CR = 0x0d;
const LF = 0x0a;
const DOLLAR = 0x24;
const STAR = 0x2a;
const LOOP_BYTES_MAX = 48;

const SELECT = asciiBytes('*2\r\n$6\r\nSELECT\r\n');

/** No database is selected: the next command has to come with a SELECT. */
export const NO_DB = -1;

/** How many decimal digits a whole number below 2^31 has. */
function digits(value: number): number {
  let count = 1;
  while (value >= 10) {
    value = (value / 10) | 0;
    count++;
  }
  return count;
}

/** Writes a number and a line's end, and returns where that ends. */
function writeNumber(to: Uint8Array, at: number, value: number): number {
  const end = at + digits(value);
  for (let i = end - 1; i >= at; i--) {
    const tenth = (value / 10) | 0;
    to[i] = 0x30 + value - 10 * tenth;
    value = tenth;
  }
  to[end] = CR;
  to[end + 1] = LF;
  return end + 2;
}

function writeHeader(to: Uint8Array, at: number, type: number, value: number): number {
  to[at] = type;
  return writeNumber(to, at + 1, value);
}

/** The history of this node's data set. */
export class History {
  id: string;
  secondId: string = NO_ID;
  /** The first offset that the second id has not: it may be asked for, and nothing after it. -1 without a second id. */
  secondOffset = -1;
  /** The database that the stream has selected at its end. */
  db: number = NO_DB;
  log: StreamLog | null = null;
  readonly #random: Random;
  #offset = 0;

  constructor(random: Random) {
    this.#random = random;
    this.id = randomId(random);
  }

  /** How many bytes the history has (master_repl_offset). */
  get offset(): number {
    return this.log === null ? this.#offset : this.log.end;
  }

  /** Begins to keep the stream; in a history of its own, if this node's writes were not counted until now. */
  openLog(sizeBytes: number, isNewHistory: boolean): void {
    assert(this.log === null, 'there is a log already');
    if (isNewHistory) this.#startAnew();
    this.log = new StreamLog(sizeBytes, this.#offset);
  }

  /** Stops keeping the stream. What is written from now on is not counted, so it belongs to another history. */
  closeLog(): void {
    this.#offset = this.offset;
    this.log = null;
    this.#startAnew();
  }

  #startAnew(): void {
    this.id = randomId(this.#random);
    this.secondId = NO_ID;
    this.secondOffset = -1;
  }

  /** A promotion: what was shared until now stays reachable by the old id, and what comes is nobody else's. */
  promote(): void {
    this.secondId = this.id;
    this.secondOffset = this.offset + 1;
    this.id = randomId(this.#random);
    this.db = NO_DB;
  }

  /** The primary goes on under another id, from exactly where we are. */
  rename(id: string): void {
    this.secondId = this.id;
    this.secondOffset = this.offset + 1;
    this.id = id;
  }

  /** The data set is about to go: nothing that this node will say of its history may be about the old one. */
  forget(): void {
    this.log = null;
    this.#offset = 0;
    this.db = NO_DB;
    this.#startAnew();
  }

  /** The data set is that of this history now. A null id: the primary has not told it, and it is nobody else's. */
  adopt(id: string | null, offset: number, db: number): void {
    this.log = null;
    this.#offset = offset;
    this.#startAnew();
    if (id !== null) this.id = id;
    this.db = db;
  }

  /** After a restart as a primary: a new history, whose beginning is the saved one. */
  continueFrom(saved: SavedHistory): void {
    this.#offset = saved.offset;
    this.secondId = saved.id;
    this.secondOffset = saved.offset + 1;
  }

  /** Null if who asks for the stream of `id` from `from` on has our history up to there, and we still have the rest. */
  refusal(id: string, from: number): PartialRefusal | null {
    if (id.startsWith('?')) return 'notAsked';
    const asked = id.toLowerCase();
    if (asked !== this.id) {
      if (asked !== this.secondId || this.secondOffset < 0) return 'unknownId';
      if (from > this.secondOffset) return 'secondIdEnded';
    }
    const { log } = this;
    return log === null || from < log.first || from > log.end + 1 ? 'outsideBacklog' : null;
  }

  // ---- writing, on a primary with a log
  // ------------------------------------------------------------------------------------

  /** Appends a SELECT if the stream is in another database. */
  select(db: number): void {
    if (db === this.db) return;
    const { log } = this;
    assert(log !== null, 'there is no log');
    const length = SELECT.length + 6 + digits(db);
    log.reserve(length);
    const to = log.writeTo;
    to.set(SELECT, log.writeAt);
    const at = writeHeader(to, log.writeAt + SELECT.length, DOLLAR, digits(db));
    writeNumber(to, at, db);
    log.commit(length);
    this.db = db;
  }

  /** Appends one command as an array of bulk strings. */
  appendCommand(args: Arguments): void {
    const { log } = this;
    assert(log !== null, 'there is no log');
    const { count, buffer, starts, ends } = args;
    let length = 3 + digits(count);
    for (let i = 0; i < count; i++) {
      const size = ends[i] - starts[i];
      length += 5 + digits(size) + size;
    }
    log.reserve(length);
    const to = log.writeTo;
    let at = writeHeader(to, log.writeAt, STAR, count);
    for (let i = 0; i < count; i++) {
      const start = starts[i];
      const end = ends[i];
      at = writeHeader(to, at, DOLLAR, end - start);
      if (end - start <= LOOP_BYTES_MAX) {
        for (let j = start; j < end; j++) to[at++] = buffer[j];
      } else {
        to.set(buffer.subarray(start, end), at);
        at += end - start;
      }
      to[at] = CR;
      to[at + 1] = LF;
      at += 2;
    }
    assert(at === log.writeAt + length, 'a command has another length than was counted');
    log.commit(length);
  }

  invariants(): void {
    assert(/^[0-9a-f]{40}$/.test(this.id), `'${this.id}' is no replication id`);
    assert(this.id !== this.secondId, 'both replication ids are the same');
    assert(
      this.secondId === NO_ID ? this.secondOffset === -1 : this.secondOffset > 0,
      'a second id without its end, or the reverse',
    );
    assert(this.secondOffset <= this.offset + 1, 'the second id goes beyond the history');
    this.log?.invariants();
  }
}
