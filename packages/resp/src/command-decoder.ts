// Hot path: per command. What clients send, cut into commands: RESP arrays of bulk strings, and inline commands.
//
// The rules are those of a Redis 7.0 server, with its error texts, down to what it does not check: a length line
// ends at its CR and a string at its announced length, whatever two bytes are in place of CR LF; a NUL hides the end of
// a line; empty commands get no reply. Where the server's verdict depends on how the bytes were cut into packets, ours
// is the one it gives when they come one by one.
//
// Nothing is allocated per command: the arguments are ranges of the chunk, and the state is in fields.

import { Feed } from './feed.ts';
import { splitInline } from './inline.ts';
import { type CommandLimits, DEFAULT_COMMAND_LIMITS } from './limits.ts';
import { ProtocolError, type ProtocolErrorCode } from './protocol-error.ts';
import { parseInteger } from './scan.ts';

const LF = 0x0a;
const CR = 0x0d;
const DOLLAR = 0x24;
const STAR = 0x2a;
const ZERO = 0x30;

/** Room for the ranges of so many arguments is kept from command to command. */
const KEPT_RANGES = 1024;
const FIRST_RANGES = 16;
/** Positions are 32-bit integers. */
const COMMAND_BYTES_LIMIT = 2 ** 31 - 1;

/** What became of the command at hand: its end has not arrived, it is complete, or it had no arguments. */
const CUT = 0;
const COMPLETE = 1;
const SKIPPED = 2;

/** A command's arguments as ranges of one buffer; valid until the next call of the decoder's `next` or `push`. */
export interface Arguments {
  /** How many there are, the command's name among them. */
  readonly count: number;
  /** Holds the bytes of all of them. */
  readonly buffer: Uint8Array;
  /** Argument i lies in `buffer` from `starts[i]` to before `ends[i]`; what follows `count` is old. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The arguments of one of several commands that are read ahead: see {@link CommandDecoder.moveTo}. */
export class CommandArguments implements Arguments {
  count = 0;
  buffer: Uint8Array = new Uint8Array(0);
  starts: Int32Array = new Int32Array(FIRST_RANGES);
  ends: Int32Array = new Int32Array(FIRST_RANGES);
}

/**
 * Reads commands from a stream cut anywhere: push a chunk, then handle commands while `next()` is true.
 *
 * Once it has thrown a {@link ProtocolError} it throws the same one for ever: the stream has no meaning any more.
 */
export class CommandDecoder implements Arguments {
  /** The limits from the next command on; to be replaced when the client has authenticated. */
  limits: CommandLimits;
  count = 0;
  buffer: Uint8Array;
  starts: Int32Array = new Int32Array(FIRST_RANGES);
  ends: Int32Array = new Int32Array(FIRST_RANGES);

  private readonly feed: Feed = new Feed();
  /** Where in the feed the command at hand begins. */
  private begin = 0;
  /** Arguments of the command at hand that are still to come; 0 before its first line has been read. */
  private missing = 0;
  /** The length of the argument at hand, or -1 while its length line is to come. */
  private bulkLength = -1;
  /** How far the line at hand has been searched for its end. */
  private scanned = 0;
  private failure: ProtocolError | undefined;

  constructor(limits: CommandLimits = DEFAULT_COMMAND_LIMITS) {
    this.limits = limits;
    this.buffer = this.feed.bytes;
  }

  /** Bytes that have been received and belong to no command handed out yet. */
  get buffered(): number {
    return this.feed.buffered(this.missing > 0 ? this.begin : this.feed.at);
  }

  /**
   * Adds bytes of the stream. The chunk must stay unchanged until {@link next} has returned false; to push another one
   * before that costs a copy of what has not been read yet.
   */
  push(chunk: Uint8Array): void {
    this.feed.push(chunk);
  }

  /**
   * Reads the next command into the fields of {@link Arguments}. False if more bytes are needed. There is always at
   * least one argument: empty commands are skipped.
   * @throws ProtocolError with the real server's text, such as `Protocol error: invalid bulk length`
   */
  next(): boolean {
    if (this.failure !== undefined) throw this.failure;
    const { feed } = this;
    for (;;) {
      const outcome = this.missing > 0 ? this.readArguments() : this.readFirstLine();
      if (outcome !== CUT) {
        feed.settle();
        this.scanned = 0;
        if (outcome === COMPLETE) return true;
      } else {
        const { begin } = this;
        const wanted = this.bulkLength < 0 ? 0 : feed.at + this.bulkLength + 2;
        const grown = feed.more(begin, wanted);
        if (begin > 0) this.moveDown(begin);
        if (!grown) return false;
      }
    }
  }

  /**
   * Whether the command just read stays valid while further ones are read from the same chunk. What a chunk's end had cut
   * does not.
   */
  get isLasting(): boolean {
    return this.buffer === this.feed.bytes;
  }

  /** Gives the command just read to `to`, in exchange for its memory. Nothing is copied but the references. */
  moveTo(to: CommandArguments): void {
    const { starts, ends } = to;
    to.count = this.count;
    to.buffer = this.buffer;
    to.starts = this.starts;
    to.ends = this.ends;
    this.starts = starts;
    this.ends = ends;
  }

  /** Reads a command from its first byte on. */
  private readFirstLine(): number {
    const { feed } = this;
    const { bytes, at, end } = feed;
    this.begin = at;
    this.count = 0;
    if (at === end) return CUT;
    if (bytes[at] !== STAR) return this.readInline();
    // Most commands have one to nine arguments.
    const digit = bytes[at + 1] - ZERO;
    const isShort = at + 3 < end && bytes[at + 2] === CR && digit > 0 && digit < 10;
    const isPlain = isShort && digit <= this.limits.argumentsMax;
    if (isPlain) feed.at = at + 4;
    const count = isPlain ? digit : this.readCount();
    if (count < 0) return CUT;
    if (count === 0) return SKIPPED;
    this.missing = count;
    if (this.starts.length > KEPT_RANGES && count < KEPT_RANGES) this.resizeRanges(FIRST_RANGES, 0);
    return this.readArguments();
  }

  /** Reads the arguments that are missing. */
  private readArguments(): number {
    const { feed, limits } = this;
    const { bytes, end } = feed;
    const { bulkBytesMax } = limits;
    const stopMax = this.begin + Math.min(limits.commandBytesMax ?? 2 ** 30, COMMAND_BYTES_LIMIT);
    let { count, missing, bulkLength } = this;
    let at = feed.at;
    while (missing > 0) {
      if (bulkLength < 0) {
        // The common length line by hand: `$`, a number without leading zeros, CR and one byte more, all there.
        let digits = at + 1;
        let length = 0;
        for (; digits + 1 < end && length < 1e8; digits++) {
          const digit = bytes[digits] - ZERO;
          if (digit < 0 || digit > 9) break;
          length = length * 10 + digit;
        }
        if (
          digits + 1 < end &&
          bytes[digits] === CR &&
          bytes[at] === DOLLAR &&
          length <= bulkBytesMax &&
          (digits === at + 2 || (digits > at + 2 && bytes[at + 1] !== ZERO))
        ) {
          bulkLength = length;
          at = digits + 2;
        } else {
          feed.at = at;
          bulkLength = this.readBulkLength();
          at = feed.at;
          if (bulkLength < 0) break;
        }
      }
      const stop = at + bulkLength;
      if (stop > stopMax) this.fail('COMMAND_TOO_LONG', 'too big command');
      if (stop + 2 > end) break;
      if (count === this.starts.length) this.resizeRanges(2 * count, count);
      this.starts[count] = at;
      this.ends[count] = stop;
      count++;
      missing--;
      bulkLength = -1;
      at = stop + 2;
    }
    feed.at = at;
    this.count = count;
    this.missing = missing;
    this.bulkLength = bulkLength;
    if (missing > 0) return CUT;
    this.buffer = bytes;
    return COMPLETE;
  }

  /** Reads `*count`; -1 if its line is cut, and 0 for the counts below that as well. */
  private readCount(): number {
    const { feed, limits } = this;
    const start = feed.at;
    const cr = this.findByte(CR, start);
    if (cr < 0) {
      this.checkLine(start, 'MULTIBULK_COUNT_TOO_LONG', 'too big mbulk count string');
      return -1;
    }
    const count = parseInteger(feed.bytes, start + 1, cr);
    const most = limits.unauthenticated ? DEFAULT_COMMAND_LIMITS.argumentsMax : limits.argumentsMax;
    if (count === undefined || count > most) {
      this.fail('INVALID_MULTIBULK_LENGTH', 'invalid multibulk length');
    }
    if (count > limits.argumentsMax) {
      this.fail('UNAUTHENTICATED_MULTIBULK_LENGTH', 'unauthenticated multibulk length');
    }
    feed.at = cr + 2;
    return count > 0 ? Number(count) : 0;
  }

  /** Reads `$length`; -1 if its line is cut. */
  private readBulkLength(): number {
    const { feed, limits } = this;
    const { bytes } = feed;
    const start = feed.at;
    const cr = this.findByte(CR, start);
    if (cr < 0) {
      this.checkLine(start, 'BULK_COUNT_TOO_LONG', 'too big bulk count string');
      return -1;
    }
    if (bytes[start] !== DOLLAR) {
      const got =
        bytes[start] === CR || bytes[start] === LF ? ' ' : String.fromCharCode(bytes[start]);
      this.fail('EXPECTED_BULK', `expected '$', got '${got}'`);
    }
    const length = parseInteger(bytes, start + 1, cr);
    const most = limits.unauthenticated ? DEFAULT_COMMAND_LIMITS.bulkBytesMax : limits.bulkBytesMax;
    if (length === undefined || length < 0 || length > most) {
      this.fail('INVALID_BULK_LENGTH', 'invalid bulk length');
    }
    if (length > limits.bulkBytesMax) {
      this.fail('UNAUTHENTICATED_BULK_LENGTH', 'unauthenticated bulk length');
    }
    feed.at = cr + 2;
    return Number(length);
  }

  private readInline(): number {
    const { feed } = this;
    const start = feed.at;
    const lf = this.findByte(LF, start);
    if (lf < 0) {
      this.checkLine(start, 'INLINE_TOO_LONG', 'too big inline request');
      return CUT;
    }
    const end = lf > start && feed.bytes[lf - 1] === CR ? lf - 1 : lf;
    const line = new Uint8Array(end - start);
    line.set(feed.bytes.subarray(start, end));
    const ranges = splitInline(line);
    if (ranges === undefined) this.fail('UNBALANCED_QUOTES', 'unbalanced quotes in request');
    feed.at = lf + 1;
    const count = ranges.length / 2;
    if (count === 0) return SKIPPED;
    if (count > this.starts.length) this.resizeRanges(count, 0);
    for (let i = 0; i < count; i++) {
      this.starts[i] = ranges[2 * i];
      this.ends[i] = ranges[2 * i + 1];
    }
    this.count = count;
    this.buffer = line;
    return COMPLETE;
  }

  /**
   * Where the line that begins at `start` has its first `byte`, or -1 if that has not arrived: nor will it ever after
   * a NUL, where a server's search for it ends, nor further on than the limit. After a CR one byte more must be there.
   */
  private findByte(byte: number, start: number): number {
    const { bytes, end } = this.feed;
    const stop = Math.min(end, start + this.limits.inlineBytesMax + 1);
    let at = Math.max(start, this.scanned);
    while (at < stop && bytes[at] !== byte && bytes[at] !== 0) at++;
    const found = at < stop && bytes[at] === byte && (byte === LF || at + 1 < end);
    this.scanned = found ? 0 : at;
    return found ? at : -1;
  }

  /** Ends it with an error if the line that begins at `start` cannot become complete within the limit. */
  private checkLine(start: number, code: ProtocolErrorCode, text: string): void {
    const { bytes, end } = this.feed;
    const { inlineBytesMax } = this.limits;
    const { scanned } = this;
    const lacksOne =
      scanned + 1 === end && bytes[scanned] === CR && scanned - start <= inlineBytesMax;
    if (end - start > inlineBytesMax && !lacksOne) this.fail(code, text);
  }

  private fail(code: ProtocolErrorCode, text: string): never {
    this.failure = new ProtocolError(code, `Protocol error: ${text}`);
    throw this.failure;
  }

  /** The feed's bytes have moved down; so do our positions in it. */
  private moveDown(distance: number): void {
    const { starts, ends, count } = this;
    for (let i = 0; i < count; i++) {
      starts[i] -= distance;
      ends[i] -= distance;
    }
    this.begin = 0;
    this.scanned -= distance;
  }

  /** Makes room for `size` ranges, of which `used` are there. */
  private resizeRanges(size: number, used: number): void {
    const { starts, ends } = this;
    this.starts = new Int32Array(size);
    this.ends = new Int32Array(size);
    this.starts.set(starts.subarray(0, used));
    this.ends.set(ends.subarray(0, used));
  }
}
