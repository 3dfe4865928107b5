// Hot path: per element of a reply. What elements are made of: lines, lengths, numbers, and strings as views of the chunk.
//
// The byte constants stand in each file that uses them per byte: Node.js reads an imported constant from its module's
// memory each time, which made short replies take 20 to 90% longer.

import { Feed } from './feed.ts';
import { DEFAULT_REPLY_LIMITS, type ReplyLimits } from './limits.ts';
import { ProtocolError, type ProtocolErrorCode } from './protocol-error.ts';
import type { Reply } from './reply.ts';
import { quote } from './reply-scan.ts';
import { parseInteger } from './scan.ts';

const CR = 0x0d;
const LF = 0x0a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const QUESTION = 0x3f;
const ZERO = 0x30;
const ONE = 0x31;
/** `.` is two before `0`. */
const POINT_AS_DIGIT = -2;

/** Digits that are read without a second thought. */
const SAFE_DIGITS = 15;
/** As many as `SAFE_DIGITS` asks for, all exact. */
const POWERS_OF_TEN: readonly number[] = Array.from({ length: SAFE_DIGITS + 1 }, (_, n) =>
  Number(`1e${n}`),
);
/** Lines up to this length are looked for before all else. */
const PLAIN_LINE_BYTES = 64;

/** A length of `-1`, and one of `?`. */
export const NULL_LENGTH: number = -1;
export const STREAMED: number = -2;
/** The line with a length is cut. */
export const CUT_LENGTH: number = -3;

/** Reads from the feed what {@link ReplyDecoder} puts together; as its base class, so that nothing lies between them. */
export abstract class ReplyParts {
  protected readonly limits: ReplyLimits;
  protected readonly feed: Feed = new Feed();
  /** Where what follows the length, number or string read last begins. */
  protected lineStop = 0;
  /** Where in the feed the string that is cut will end, or 0. */
  protected wanted = 0;
  /** How far the line at hand has been searched for its end. */
  protected scanned = 0;
  protected failure: ProtocolError | undefined;
  /** The memory that the chunk lies in, and where; asked for with the first byte string of each chunk. */
  protected memory: ArrayBufferLike | undefined;
  private memoryAt = 0;

  constructor(limits: ReplyLimits = DEFAULT_REPLY_LIMITS) {
    this.limits = limits;
  }

  /**
   * The number without sign in the line from `start` on, if it is all there and has no surprises, and otherwise -1. Sets
   * `lineStop` to what follows.
   */
  protected plainNumber(bytes: Uint8Array, start: number, end: number): number {
    let number = bytes[start] - ZERO;
    if (!(number >= 0 && number <= 9)) return -1;
    let at = start + 1;
    if (at + 1 < end) {
      let digit = (bytes[at] - ZERO) >>> 0;
      if (digit <= 9) {
        number = number * 10 + digit;
        at++;
        // Two digits a step, as long as there are two.
        for (const last = Math.min(end, start + SAFE_DIGITS) - 1; at < last; at += 2) {
          digit = (bytes[at] - ZERO) >>> 0;
          const next = (bytes[at + 1] - ZERO) >>> 0;
          if (digit > 9) break;
          if (next > 9) {
            number = number * 10 + digit;
            at++;
            break;
          }
          number = number * 100 + (digit * 10 + next);
        }
      }
    }
    if (at + 1 >= end || bytes[at] !== CR || bytes[at + 1] !== LF) return -1;
    this.lineStop = at + 2;
    return number;
  }

  /**
   * The double in the line from `start` on, if that is all there and no more than a few digits with a point among them,
   * and otherwise NaN. Sets `lineStop` to what follows.
   */
  protected plainDouble(bytes: Uint8Array, start: number, end: number): number {
    const negative = start < end && bytes[start] === MINUS;
    const first = negative ? start + 1 : start;
    const last = Math.min(end - 1, first + SAFE_DIGITS + 1);
    let value = 0;
    let point = -1;
    let at = first;
    for (; at < last; at++) {
      const digit = bytes[at] - ZERO;
      if (digit >= 0 && digit <= 9) value = value * 10 + digit;
      else if (digit === POINT_AS_DIGIT && point < 0) point = at;
      else break;
    }
    const digits = at - first - (point < 0 ? 0 : 1);
    if (digits < 1 || digits > SAFE_DIGITS || at - start > this.limits.lineBytesMax) return NaN;
    if (at + 1 >= end || bytes[at] !== CR || bytes[at + 1] !== LF) return NaN;
    this.lineStop = at + 2;
    // Up to here all was exact, and one division rounds once.
    if (point >= 0) value /= POWERS_OF_TEN[at - point - 1];
    return negative ? -value : value;
  }

  /** Where the line from `start` on ends, if its CR LF is there and it is not long, and otherwise -1. */
  protected plainLineEnd(bytes: Uint8Array, start: number, end: number): number {
    const last = Math.min(
      end - 1,
      start + Math.min(PLAIN_LINE_BYTES, this.limits.lineBytesMax + 1),
    );
    let at = start;
    while (at < last && bytes[at] > CR) at++;
    return at < last && bytes[at] === CR && bytes[at + 1] === LF ? at : -1;
  }

  protected readInteger(): Reply | undefined {
    const { feed } = this;
    const { bytes, end } = feed;
    const start = feed.at + 1;
    const negative = start < end && bytes[start] === MINUS;
    const number = this.plainNumber(bytes, negative ? start + 1 : start, end);
    if (number >= 0) {
      feed.at = this.lineStop;
      return negative ? 0 - number : number;
    }
    const lineEnd = this.findLineEnd();
    if (lineEnd < 0) return undefined;
    feed.at = lineEnd + 2;
    const signed = bytes[start] === PLUS && lineEnd > start + 1 && bytes[start + 1] !== MINUS;
    return this.checked(parseInteger(bytes, signed ? start + 1 : start, lineEnd), 'an integer');
  }

  /** Reads the length after a type, and sets `lineStop` to what follows; NULL_LENGTH, STREAMED or CUT_LENGTH. */
  protected readLength(most: number): number {
    const { bytes, at, end } = this.feed;
    const length = this.plainNumber(bytes, at + 1, end);
    if (length < 0) return this.readOtherLength();
    if (length > most) this.fail('INVALID_BULK_LENGTH', `a length of ${length} is too much`);
    return length;
  }

  private readOtherLength(): number {
    const { bytes, at } = this.feed;
    const end = this.findLineEnd();
    if (end < 0) return CUT_LENGTH;
    this.lineStop = end + 2;
    if (end === at + 2 && bytes[at + 1] === QUESTION) return STREAMED;
    if (end === at + 3 && bytes[at + 1] === MINUS && bytes[at + 2] === ONE) return NULL_LENGTH;
    this.fail('INVALID_BULK_LENGTH', `invalid length after ${quote(bytes[at])}`);
  }

  /** Whether a string up to `end` has arrived with its CR LF. */
  protected hasString(end: number): boolean {
    const { feed } = this;
    if (end + 2 > feed.end) {
      this.wanted = end + 2;
      return false;
    }
    if (feed.bytes[end] !== CR || feed.bytes[end + 1] !== LF) {
      this.fail('INVALID_VALUE', 'a string does not end where its length says');
    }
    return true;
  }

  /** The chunk's bytes from `start` on as a value. */
  protected view(start: number, length: number): Uint8Array {
    if (this.memory === undefined) {
      this.memory = this.feed.bytes.buffer;
      this.memoryAt = this.feed.bytes.byteOffset;
    }
    // Plain bytes, whatever subclass the chunk is of; three times as fast as its subarray.
    return new Uint8Array(this.memory, this.memoryAt + start, length);
  }

  /** `bytes[start, end)` as a value, which must not be a view of a carry that is used again. */
  protected bytesOf(start: number, end: number): Uint8Array {
    const { feed } = this;
    if (!feed.carried) return this.view(start, end - start);
    if (2 * (end - start) < feed.bytes.length) return feed.bytes.slice(start, end);
    feed.giveAwayCarry();
    return feed.bytes.subarray(start, end);
  }

  /** Where the CR LF of the line at the feed's position begins, or -1 if that has not arrived. */
  protected findLineEnd(): number {
    const { bytes, at: begin, end } = this.feed;
    const { lineBytesMax } = this.limits;
    const stop = Math.min(end, begin + lineBytesMax + 2);
    let at = Math.max(begin + 1, this.scanned);
    while (at < stop && bytes[at] !== CR) {
      if (bytes[at] === LF) this.fail('INVALID_VALUE', 'a line ends without CR');
      at++;
    }
    this.scanned = at;
    if (at - begin > lineBytesMax + 1) this.fail('LINE_TOO_LONG', 'a line is too long');
    if (at + 1 >= end) return -1;
    if (bytes[at + 1] !== LF) this.fail('INVALID_VALUE', 'a CR inside a line');
    return at;
  }

  protected checked<V extends Reply>(value: V | undefined, what: string): V {
    if (value === undefined) this.fail('INVALID_VALUE', `not ${what}`);
    return value;
  }

  protected fail(code: ProtocolErrorCode, text: string): never {
    this.failure = new ProtocolError(code, `Protocol error: ${text}`);
    throw this.failure;
  }
}
