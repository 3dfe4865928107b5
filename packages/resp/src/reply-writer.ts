// Hot path: per reply. What a server answers, written into one growing buffer per session, in RESP2 or RESP3.
//
// With RESP2 the newer types take the forms in which a Redis server gives them to an older client: a map is a flat
// array, a set and a push are arrays, a boolean is 1 or 0, a double, a big number and a verbatim text are strings.

import {
  textLength,
  WORDS_BYTES_MAX,
  writeBytes,
  writeCount,
  writeText,
  writeWords,
} from './bytes.ts';
import { formatDouble } from './double.ts';
import type { ProtocolError } from './protocol-error.ts';

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
const ZERO = 0x30;
const ONE = 0x31;

/** Type byte, ten digits, CR LF. */
const HEADER_BYTES = 13;
const FIRST_BYTES = 1024;
const BLOCK_BYTES = 16 * 1024;
/**
 * A buffer that replies have made larger than this is given up after `take`. Large replies come in a row, and growing a
 * fresh buffer for each batch costs more than the replies: kept, 4-KiB values take less than half the time.
 */
const KEPT_BYTES = 256 * 1024;
/** What a writer that nobody uses may hold. */
const RESTING_BYTES = 2 * BLOCK_BYTES;
const INT64_MAX = 2n ** 63n - 1n;
const COUNT_MAX = 2 ** 31 - 1;
const NOTHING = new Uint8Array(0);
const NO_VIEW = new DataView(NOTHING.buffer);
/** The answer to most writes, ready made. */
const OK = Uint8Array.of(PLUS, 0x4f, 0x4b, CR, LF);

/** Writes replies one after the other. Nothing that is written can split or join replies. */
export class ReplyWriter {
  /** The protocol version that the client has chosen, from the next reply on. */
  protocol: 2 | 3;
  private bytes: Uint8Array = NOTHING;
  /** The same memory. */
  private view: DataView = NO_VIEW;
  /** Where what has not been taken begins and ends. */
  private start = 0;
  private end = 0;
  /** What was taken last, and where it lay. */
  private lastTaken: Uint8Array = NOTHING;
  private lastOf: Uint8Array = NOTHING;
  private lastStart = 0;

  constructor(protocol: 2 | 3 = 2) {
    this.protocol = protocol;
  }

  /** Bytes written and not taken. */
  get length(): number {
    return this.end - this.start;
  }

  /**
   * Hands over the bytes written since the last time, and empties the writer. They are a view that stays as it is: the
   * writer goes on behind them, or in fresh memory, until it is told to {@link recycle}.
   */
  take(): Uint8Array {
    const taken = this.written();
    if (this.bytes.length > KEPT_BYTES) {
      this.bytes = NOTHING;
      this.lastOf = NOTHING;
      this.lastTaken = NOTHING;
      this.view = NO_VIEW;
      this.end = 0;
    }
    this.start = this.end;
    return taken;
  }

  /** Nobody looks any more at what was taken so far: its memory is written anew. Nothing happens while replies wait. */
  recycle(): void {
    if (this.start !== this.end) return;
    this.start = 0;
    this.end = 0;
  }

  /** Gives up a large buffer in which nothing waits. To be called now and then, so that writers at rest are small. */
  shrink(): void {
    if (this.start !== this.end || this.bytes.length <= RESTING_BYTES) return;
    this.bytes = NOTHING;
    this.lastOf = NOTHING;
    this.lastTaken = NOTHING;
    this.view = NO_VIEW;
    this.start = 0;
    this.end = 0;
  }

  /** Takes back what was written after the first `length` bytes. @throws RangeError if there are not as many */
  truncate(length: number): void {
    if (!(length >= 0 && length <= this.length)) {
      throw new RangeError(`cannot truncate ${this.length} bytes to ${length}`);
    }
    this.end = this.start + length;
  }

  /** A status such as OK. CR and LF become spaces. */
  simple(text: string): void {
    if (text === 'OK') {
      this.reserve(OK.length);
      this.end = writeBytes(this.bytes, this.end, OK, 0, OK.length);
      return;
    }
    this.line(PLUS, oneLine(text));
  }

  /**
   * An error: its code in capitals, then the text, such as `ERR no such key`. CR and LF become spaces, and at the ends
   * they are dropped, as a server does it.
   */
  error(text: string): void {
    this.line(MINUS, oneLine(text.replace(/^[\r\n]+|[\r\n]+$/g, '')));
  }

  /**
   * The answer to bytes that are no command. What a client sent goes back in it as the byte that it was, as a server
   * does it, and not as UTF-8.
   */
  protocolError(error: ProtocolError): void {
    const text = oneLine(`ERR ${error.message}`);
    this.reserve(3 + text.length);
    this.bytes[this.end++] = MINUS;
    for (let i = 0; i < text.length; i++) this.bytes[this.end++] = text.charCodeAt(i);
    this.endLine();
  }

  /** @throws RangeError if `value` is not a signed 64-bit integer */
  integer(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0 && value <= COUNT_MAX && value === (value | 0)) {
      this.header(COLON, value);
      return;
    }
    this.line(COLON, integerText(value));
  }

  /**
   * A bulk string of `bytes[start, end)`. With a view of the same memory, where the caller has one at hand, short
   * strings are copied as words: in half of the time.
   */
  bulk(
    bytes: Uint8Array,
    start = 0,
    end: number = bytes.length,
    view: DataView | null = null,
  ): void {
    const length = end - start;
    this.reserve(HEADER_BYTES + length + 2);
    const { bytes: to } = this;
    let at = this.end;
    to[at] = DOLLAR;
    at = writeCount(to, at + 1, length);
    to[at] = CR;
    to[at + 1] = LF;
    at += 2;
    if (view !== null && length <= WORDS_BYTES_MAX) {
      at = writeWords(to, this.view, at, bytes, view, start, end);
    } else at = writeBytes(to, at, bytes, start, end);
    to[at] = CR;
    to[at + 1] = LF;
    this.end = at + 2;
  }

  /** A bulk string of the UTF-8 bytes of a text. */
  text(value: string): void {
    const length = textLength(value);
    this.reserve(HEADER_BYTES + length + 2);
    this.header(DOLLAR, length);
    this.end = writeText(this.bytes, this.end, value, length);
    this.endLine();
  }

  /** No value: `$-1` or `_`. */
  null(): void {
    this.nothing(DOLLAR);
  }

  /** No array: `*-1` or `_`. */
  nullArray(): void {
    this.nothing(STAR);
  }

  /** The head of an array; `length` replies follow as its elements. */
  array(length: number): void {
    this.header(STAR, length);
  }

  /** The head of a map; `size` times a key and a value follow. */
  map(size: number): void {
    if (this.protocol === 3) this.header(PERCENT, size);
    else this.header(STAR, 2 * size);
  }

  /** The head of a set; `size` replies follow. */
  set(size: number): void {
    this.header(this.protocol === 3 ? TILDE : STAR, size);
  }

  /** The head of a push; `length` replies follow, the first of them its kind. */
  push(length: number): void {
    this.header(this.protocol === 3 ? GREATER : STAR, length);
  }

  /**
   * The head of attributes; `size` times a key and a value follow, and then the reply that they belong to.
   * @throws RangeError with RESP2, which has no form for them
   */
  attribute(size: number): void {
    if (this.protocol !== 3) throw new RangeError('attributes need protocol 3');
    this.header(BAR, size);
  }

  /** A number with a fraction, in the form that Redis 7.0 gives it: `%.17g`, `inf`, `-inf`, `nan`. */
  double(value: number): void {
    const text = formatDouble(value);
    if (this.protocol === 3) this.line(COMMA, text);
    else this.text(text);
  }

  boolean(value: boolean): void {
    this.reserve(4);
    this.bytes[this.end++] = this.protocol === 3 ? HASH : COLON;
    if (this.protocol === 3) this.bytes[this.end++] = value ? 0x74 : 0x66;
    else this.bytes[this.end++] = value ? ONE : ZERO;
    this.endLine();
  }

  /** An integer of any size. */
  bigNumber(value: bigint): void {
    if (this.protocol === 3) this.line(PAREN, value.toString());
    else this.text(value.toString());
  }

  /**
   * A text for people, with its format: `txt` or `mkd`.
   * @throws RangeError if `format` is not three ASCII characters
   */
  verbatim(format: string, text: string): void {
    if (!/^[!-9;-~]{3}$/.test(format)) {
      throw new RangeError(`a verbatim format is three ASCII characters, not '${format}'`);
    }
    if (this.protocol !== 3) {
      this.text(text);
      return;
    }
    const length = textLength(text) + 4;
    this.reserve(HEADER_BYTES + length + 2);
    this.header(EQUALS, length);
    this.end = writeText(this.bytes, this.end, `${format}:`, 4);
    this.end = writeText(this.bytes, this.end, text, length - 4);
    this.endLine();
  }

  /** Bytes as they are, which must be whole replies. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.end = writeBytes(this.bytes, this.end, bytes, 0, bytes.length);
  }

  /** What has not been taken. Replies that go out one by one are often of one length, and then it is the same view. */
  private written(): Uint8Array {
    const { bytes, start, end } = this;
    if (
      bytes !== this.lastOf ||
      start !== this.lastStart ||
      end - start !== this.lastTaken.length
    ) {
      this.lastTaken = bytes.subarray(start, end);
      this.lastOf = bytes;
      this.lastStart = start;
    }
    return this.lastTaken;
  }

  private header(type: number, count: number): void {
    if (!(count >= 0 && count <= COUNT_MAX && Number.isInteger(count))) {
      throw new RangeError(`${count} is not a number of elements`);
    }
    this.reserve(HEADER_BYTES);
    const { bytes } = this;
    bytes[this.end] = type;
    const at = writeCount(bytes, this.end + 1, count);
    bytes[at] = CR;
    bytes[at + 1] = LF;
    this.end = at + 2;
  }

  private nothing(type: number): void {
    this.reserve(5);
    const { bytes } = this;
    if (this.protocol === 3) {
      bytes[this.end++] = UNDERSCORE;
    } else {
      bytes[this.end++] = type;
      bytes[this.end++] = MINUS;
      bytes[this.end++] = ONE;
    }
    this.endLine();
  }

  private line(type: number, text: string): void {
    const length = textLength(text);
    this.reserve(3 + length);
    this.bytes[this.end++] = type;
    this.end = writeText(this.bytes, this.end, text, length);
    this.endLine();
  }

  private endLine(): void {
    this.bytes[this.end++] = CR;
    this.bytes[this.end++] = LF;
  }

  /** Makes room for `size` more bytes. */
  private reserve(size: number): void {
    if (this.bytes.length - this.end >= size) return;
    const { length } = this;
    const least = this.bytes.length === 0 ? FIRST_BYTES : BLOCK_BYTES;
    const grown = new Uint8Array(Math.max(least, length + size, length > 0 ? 2 * length : 0));
    grown.set(this.bytes.subarray(this.start, this.end));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
    this.start = 0;
    this.end = length;
  }
}

function oneLine(text: string): string {
  return text.includes('\r') || text.includes('\n') ? text.replace(/[\r\n]/g, ' ') : text;
}

function integerText(value: number | bigint): string {
  const whole = typeof value === 'bigint' || Number.isInteger(value);
  const exact = whole ? BigInt(value) : 0n;
  if (!whole || exact > INT64_MAX || exact < -INT64_MAX - 1n) {
    throw new RangeError(`${value} is not a signed 64-bit integer`);
  }
  return exact.toString();
}
