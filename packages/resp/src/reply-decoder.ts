// Hot path: per element of a reply. What servers send, RESP2 and RESP3, cut into replies (the RESP specification at
// redis.io, with its streamed strings and aggregates).
//
// It reads element by element. An element that is cut waits as bytes; the aggregates around it wait on a stack with
// what they have so far. So a reply in many pieces is not read again from its start, and nesting costs no recursion.

import { aggregateOf, Frame, joinParts } from './frame.ts';
import type { ReplyLimits } from './limits.ts';
import { type Reply, ReplyError, VerbatimText } from './reply.ts';
import { CUT_LENGTH, NULL_LENGTH, ReplyParts, STREAMED } from './reply-parts.ts';
import { constantEnd, quote } from './reply-scan.ts';
import { parseBigNumber, parseDouble } from './scan.ts';
import { type DecodeText, decodeText, TextReader } from './text.ts';

const CR = 0x0d;
const LF = 0x0a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const COLON = 0x3a;
const DOLLAR = 0x24;
const STAR = 0x2a;
const PERCENT = 0x25;
const TILDE = 0x7e;
const GREATER = 0x3e;
const BAR = 0x7c;
const COMMA = 0x2c;
const HASH = 0x23;
const PAREN = 0x28;
const EQUALS = 0x3d;
const UNDERSCORE = 0x5f;
const BANG = 0x21;
const SEMICOLON = 0x3b;
const DOT = 0x2e;
const ZERO = 0x30;
const BIG_K = 0x4b;
const BIG_O = 0x4f;
const SMALL_F = 0x66;
const SMALL_T = 0x74;

/** Digits that are read without a second thought. */
const SAFE_DIGITS = 15;

/** The element at hand has been read, and is not a value by itself. */
const NO_VALUE: unique symbol = Symbol('no value');
/** How replies are read. */
export interface ReplyDecoderOptions {
  /** Bulk strings as strings, decoded as UTF-8, instead of bytes. */
  readonly strings?: boolean;
  /**
   * How UTF-8 becomes a string, with U+FFFD for what is not UTF-8. TextDecoder by default; in Node.js a Buffer's
   * `utf8Slice` takes less time for a string that comes alone.
   */
  readonly decodeText?: DecodeText;
  readonly limits?: ReplyLimits;
}

/**
 * Reads replies from a stream cut anywhere: push a chunk, then take replies until `next()` is undefined.
 *
 * Once it has thrown a {@link ProtocolError} it throws the same one for ever: the stream has no meaning any more.
 */
export class ReplyDecoder extends ReplyParts {
  /** What the server said about the reply that `next` returned last; undefined if nothing. */
  attributes: Map<Reply, Reply> | undefined;

  private readonly strings: boolean;
  private readonly decodeText: DecodeText;
  private readonly text: TextReader;
  /** The open aggregates, the outermost first; beyond `depth` they are spare. */
  private readonly frames: Frame[] = [];
  private depth = 0;
  /** Between replies, with nothing on the stack, in the carry, or to be said about the next reply. */
  private atRest = false;
  /** Whether the innermost frame is a streamed string, and how long that is so far. */
  private streaming = false;
  private streamedBytes = 0;
  /** Attributes of the reply to come. */
  private pending: Map<Reply, Reply> | undefined;

  constructor(options: ReplyDecoderOptions = {}) {
    super(options.limits);
    this.strings = options.strings ?? false;
    this.decodeText = options.decodeText ?? decodeText;
    this.text = new TextReader(this.decodeText);
  }

  /**
   * Adds bytes of the stream. Byte strings in replies are views of the chunk where they lie in it as a whole, so it
   * must not be overwritten for as long as these are used; with the option `strings`, until `next` has returned
   * undefined.
   */
  push(chunk: Uint8Array): void {
    this.text.forget();
    this.memory = undefined;
    this.feed.push(chunk);
  }

  /**
   * The next reply or push, or undefined if more bytes are needed.
   * @throws ProtocolError if the bytes are no RESP or go over a limit
   */
  next(): Reply | undefined {
    const { feed } = this;
    if (this.atRest) {
      // What costs least by itself must not pay for the rest.
      const { bytes, at, end } = feed;
      if (at === end) {
        feed.release();
        return undefined;
      }
      if (at + 2 < end) {
        if (bytes[at] === COLON) {
          const number = this.plainNumber(bytes, at + 1, end);
          if (number >= 0) {
            feed.at = this.lineStop;
            return number;
          }
        } else {
          const stop = constantEnd(bytes, at, end);
          if (stop > 0) {
            feed.at = stop;
            return bytes[at] === HASH ? bytes[at + 1] === SMALL_T : null;
          }
        }
      }
      this.atRest = false;
    }
    if (this.failure !== undefined) throw this.failure;
    for (;;) {
      if (!feed.carried && !this.streaming) {
        const reply = this.readPlain();
        if (reply !== undefined) return reply;
      }
      const start = feed.at;
      const value = this.readElement();
      if (value === undefined) {
        const grown = feed.more(start, this.wanted);
        this.wanted = 0;
        if (this.scanned > 0) this.scanned -= start;
        if (grown) continue;
        this.rest();
        return undefined;
      }
      feed.settle();
      this.scanned = 0;
      if (value === NO_VALUE) continue;
      const reply = this.depth === 0 ? this.deliver(value) : this.place(value);
      if (reply !== undefined) return reply;
    }
  }

  /**
   * Reads what is simple in integers, strings, statuses, doubles, arrays, nulls and booleans, and lies whole in the chunk, which most replies are made of, up to
   * the end of a reply or to what is not as simple; {@link readElement} has all the rules. A reply, if one is complete.
   */
  private readPlain(): Reply | undefined {
    const { feed, strings, limits } = this;
    const { bytes, end } = feed;
    let frame = this.depth === 0 ? undefined : this.frames[this.depth - 1];
    let start = feed.at;
    while (start + 2 < end) {
      const type = bytes[start];
      let value: Reply;
      let at = start + 1;
      let number = bytes[at] - ZERO;
      if ((type === COLON || type === DOLLAR || type === STAR) && number >= 0 && number <= 9) {
        // As plainNumber does it, here without the call.
        const last = Math.min(end - 1, start + SAFE_DIGITS);
        for (at++; at < last; at++) {
          const digit = bytes[at] - ZERO;
          if (digit < 0 || digit > 9) break;
          number = number * 10 + digit;
        }
        if (bytes[at] !== CR || at + 1 >= end || bytes[at + 1] !== LF) break;
        at += 2;
        if (type === COLON) {
          value = number;
        } else if (type === DOLLAR) {
          const stop = at + number;
          if (stop + 1 >= end || bytes[stop] !== CR || bytes[stop + 1] !== LF) break;
          if (number > limits.bulkBytesMax) break;
          value = strings ? this.text.read(bytes, at, stop, end) : this.view(at, number);
          at = stop + 2;
        } else if (number === 0) {
          value = [];
        } else {
          if (number > limits.elementsMax || this.depth === limits.depthMax) break;
          this.open(STAR, number);
          frame = this.frames[this.depth - 1];
          start = at;
          continue;
        }
      } else if (type === PLUS) {
        const stop = this.plainLineEnd(bytes, at, end);
        if (stop < 0) break;
        value =
          stop === at + 2 && bytes[at] === BIG_O && bytes[at + 1] === BIG_K
            ? 'OK'
            : this.text.read(bytes, at, stop, end);
        at = stop + 2;
      } else if (type === COMMA) {
        value = this.plainDouble(bytes, at, end);
        if (Number.isNaN(value)) break;
        at = this.lineStop;
      } else {
        at = constantEnd(bytes, start, end);
        if (at === 0) break;
        value = type === HASH ? bytes[start + 1] === SMALL_T : null;
      }
      start = at;
      if (frame === undefined) {
        feed.at = start;
        return this.deliver(value);
      }
      frame.items[frame.filled++] = value;
      if (frame.filled === frame.total) {
        feed.at = start;
        const reply = this.complete();
        if (reply !== undefined) return reply;
        frame = this.depth === 0 ? undefined : this.frames[this.depth - 1];
      }
    }
    feed.at = start;
    return undefined;
  }

  /** Reads what begins at the feed's position, and leaves that as it is if the end of it has not arrived. */
  private readElement(): Reply | typeof NO_VALUE | undefined {
    const { feed } = this;
    if (feed.at >= feed.end) return undefined;
    const type = feed.bytes[feed.at];
    if (this.streaming && type !== SEMICOLON)
      this.fail('MISPLACED', 'a streamed string is broken off');
    switch (type) {
      case DOLLAR:
      case BANG:
      case EQUALS:
        return this.readString(type);
      case COLON:
        return this.readInteger();
      case STAR:
      case PERCENT:
      case TILDE:
      case GREATER:
      case BAR:
        return this.readAggregate(type);
      case SEMICOLON:
        return this.readPart();
      case PLUS:
      case MINUS:
      case COMMA:
      case PAREN:
      case HASH:
      case UNDERSCORE:
      case DOT:
        return this.readLine(type);
      default:
        this.fail('UNKNOWN_TYPE', `unknown reply type ${quote(type)}`);
    }
  }

  /** Reads a value that is one line. */
  private readLine(type: number): Reply | typeof NO_VALUE | undefined {
    const { feed } = this;
    const { bytes } = feed;
    const start = feed.at + 1;
    const end = this.findLineEnd();
    if (end < 0) return undefined;
    feed.at = end + 2;
    switch (type) {
      case PLUS:
        return this.text.read(bytes, start, end, feed.end);
      case MINUS:
        return new ReplyError(this.text.read(bytes, start, end, feed.end));
      case COMMA:
        return this.checked(parseDouble(bytes, start, end), 'a double');
      case PAREN:
        return this.checked(parseBigNumber(bytes, start, end), 'a big number');
      case HASH:
        if (end !== start + 1 || (bytes[start] !== SMALL_T && bytes[start] !== SMALL_F)) break;
        return bytes[start] === SMALL_T;
      case UNDERSCORE:
        if (end !== start) break;
        return null;
      case DOT:
        if (end !== start) break;
        return this.endStreamed();
    }
    this.fail('INVALID_VALUE', `invalid reply of type ${quote(type)}`);
  }

  /** Reads a bulk string, a bulk error or a verbatim text. */
  private readString(type: number): Reply | typeof NO_VALUE | undefined {
    const { feed } = this;
    const length = this.readLength(this.limits.bulkBytesMax);
    if (length < 0) {
      if (length === CUT_LENGTH) return undefined;
      if (type !== DOLLAR) this.fail('INVALID_VALUE', `invalid length after ${quote(type)}`);
      feed.at = this.lineStop;
      if (length === NULL_LENGTH) return null;
      return this.open(DOLLAR, STREAMED);
    }
    const start = this.lineStop;
    const end = start + length;
    if (!this.hasString(end)) return undefined;
    feed.at = end + 2;
    if (type === DOLLAR) {
      return this.strings
        ? this.text.read(feed.bytes, start, end, feed.end)
        : this.bytesOf(start, end);
    }
    if (type === BANG) return new ReplyError(this.decodeText(feed.bytes, start, end));
    if (length < 4 || feed.bytes[start + 3] !== COLON) {
      this.fail('INVALID_VALUE', 'a verbatim text without its format');
    }
    const format = this.decodeText(feed.bytes, start, start + 3);
    return new VerbatimText(format, this.decodeText(feed.bytes, start + 4, end));
  }

  /** Reads a part of a streamed string; the empty one ends it. */
  private readPart(): Reply | typeof NO_VALUE | undefined {
    if (!this.streaming) this.fail('MISPLACED', 'a part of a string that was not begun');
    const { feed } = this;
    const frame = this.frames[this.depth - 1];
    const length = this.readLength(this.limits.bulkBytesMax - this.streamedBytes);
    if (length === CUT_LENGTH) return undefined;
    if (length < 0) this.fail('INVALID_VALUE', 'invalid length of a part of a string');
    if (length > 0) {
      const start = this.lineStop;
      if (!this.hasString(start + length)) return undefined;
      feed.at = start + length + 2;
      this.streamedBytes += length;
      const part = new Uint8Array(length);
      part.set(feed.bytes.subarray(start, start + length));
      frame.items.push(part);
      return NO_VALUE;
    }
    feed.at = this.lineStop;
    const whole = joinParts(frame.items as Uint8Array[], this.streamedBytes);
    frame.items = [];
    this.streaming = false;
    this.depth--;
    return this.strings ? this.decodeText(whole, 0, whole.length) : whole;
  }

  /** Reads the head of an aggregate. */
  private readAggregate(type: number): Reply | typeof NO_VALUE | undefined {
    const { elementsMax } = this.limits;
    const paired = type === PERCENT || type === BAR;
    const length = this.readLength(paired ? Math.floor(elementsMax / 2) : elementsMax);
    if (length === CUT_LENGTH) return undefined;
    this.feed.at = this.lineStop;
    if (length === NULL_LENGTH) {
      if (type === STAR) return null;
      this.fail('INVALID_VALUE', `invalid length after ${quote(type)}`);
    }
    if (type === GREATER && this.depth > 0) this.fail('MISPLACED', 'a push inside a reply');
    if (length === 0 && type === STAR) return [];
    return this.open(type, paired && length > 0 ? 2 * length : length);
  }

  private open(type: number, length: number): Reply | typeof NO_VALUE {
    if (this.depth === this.limits.depthMax) this.fail('NESTED_TOO_DEEP', 'nested too deep');
    if (this.depth === this.frames.length) this.frames.push(new Frame());
    const frame = this.frames[this.depth++];
    frame.type = type;
    frame.filled = 0;
    frame.streamed = length === STREAMED;
    frame.total = length === STREAMED ? this.limits.elementsMax + 1 : length;
    // The announced size is worth memory at once where as many bytes as it needs have arrived.
    if (length > 0 && 3 * length <= this.feed.end - this.feed.at) {
      frame.items = new Array<Reply>(length);
    }
    if (type === DOLLAR) {
      this.streaming = true;
      this.streamedBytes = 0;
    }
    return length === 0 ? this.close(frame) : NO_VALUE;
  }

  /** Puts a value into the innermost aggregate; the reply, if that is complete now. */
  private place(value: Reply): Reply | undefined {
    const frame = this.frames[this.depth - 1];
    frame.items[frame.filled++] = value;
    return frame.filled === frame.total ? this.complete() : undefined;
  }

  /** Closes the innermost aggregate, which has all its elements, and those that it completes; the reply, if all. */
  private complete(): Reply | undefined {
    for (;;) {
      const last = this.frames[this.depth - 1];
      if (last.streamed) this.fail('INVALID_BULK_LENGTH', 'too many elements');
      const value = this.close(last);
      if (value === NO_VALUE) return undefined;
      if (this.depth === 0) return this.deliver(value);
      const frame = this.frames[this.depth - 1];
      frame.items[frame.filled++] = value;
      if (frame.filled !== frame.total) return undefined;
    }
  }

  /** A reply, on its way out. */
  private deliver(reply: Reply): Reply {
    if (this.pending !== undefined || this.attributes !== undefined) {
      this.attributes = this.pending;
      this.pending = undefined;
    }
    this.rest();
    return reply;
  }

  private rest(): void {
    this.atRest =
      this.depth === 0 &&
      !this.feed.carried &&
      this.attributes === undefined &&
      this.pending === undefined;
  }

  /** The value of the innermost aggregate, which is complete. Attributes are none. */
  private close(frame: Frame): Reply | typeof NO_VALUE {
    const { type, items } = frame;
    frame.items = [];
    this.depth--;
    const value = aggregateOf(type, items);
    if (type !== BAR) return value;
    if (this.depth === 0) this.pending = value as Map<Reply, Reply>;
    return NO_VALUE;
  }

  /** The end mark of a streamed aggregate. */
  private endStreamed(): Reply | typeof NO_VALUE {
    const frame = this.depth === 0 ? undefined : this.frames[this.depth - 1];
    if (!frame?.streamed) {
      this.fail('MISPLACED', 'an end mark without a streamed aggregate');
    }
    if ((frame.type === PERCENT || frame.type === BAR) && frame.filled % 2 !== 0) {
      this.fail('INVALID_VALUE', 'a key without a value');
    }
    return this.close(frame);
  }
}
