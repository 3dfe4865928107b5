// Hot path: per value. Reads the primitives of the format from memory that holds a whole item: lengths, strings in all
// their encodings, numbers. Nothing is read beyond the end, and what it unpacks and hands out is counted against limits.

import { RdbError, type RdbErrorCode } from './errors.ts';
import { StringEncoding } from './format.ts';
import { asciiText } from './integers.ts';
import type { RdbLimits } from './limits.ts';
import { EXPANSION_MAX, lzfDecompress } from './lzf.ts';

const NOTHING = new Uint8Array(0);

export class Cursor {
  /** What is being read, where reading goes on, and where it ends. */
  bytes: Uint8Array = NOTHING;
  at = 0;
  end = 0;
  /** Offset in the whole input of the first of `bytes`. */
  base = 0;
  /** The key whose value is being read, for errors; null where there is none. */
  keyBytes: Uint8Array | null = null;
  keyStart = 0;
  keyEnd = 0;
  /** The string that {@link readString} read last: it lies in the input, in the scratch memory, or in memory of its own. */
  string: Uint8Array = NOTHING;
  stringStart = 0;
  stringEnd = 0;
  /** Where its encoding begins. */
  stringAt = 0;

  readonly #limits: RdbLimits;
  /** For what is not in the input as it is: most of that is short, and memory for each piece costs more than the bytes. */
  readonly #scratch: Uint8Array;
  #scratchAt = 0;
  #elements = 0;
  #unpackedBytes = 0;
  readonly #double: DataView = new DataView(new ArrayBuffer(8));

  /** What a value holds beside views of the input lies in `scratch` while there is room: until the next item is opened. */
  constructor(limits: RdbLimits, scratch: Uint8Array = NOTHING) {
    this.#limits = limits;
    this.#scratch = scratch;
  }

  /** Begins a new item at `bytes[at, end)`. */
  open(bytes: Uint8Array, at: number, end: number, base: number): void {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.base = base;
    this.keyBytes = null;
    this.#scratchAt = 0;
    this.#elements = 0;
    this.#unpackedBytes = 0;
  }

  /** @throws RdbError always */
  fail(code: RdbErrorCode, reason: string, at: number = this.at): never {
    throw new RdbError(
      code,
      this.base + at,
      reason,
      this.keyBytes?.slice(this.keyStart, this.keyEnd) ?? null,
    );
  }

  /** Counts elements that a value has. */
  countElements(count: number): void {
    this.#elements += count;
    if (this.#elements > this.#limits.elementsMax) {
      this.fail('TOO_LARGE', `more than ${this.#limits.elementsMax} elements`);
    }
  }

  /** Moves over so many bytes; returns where they begin. */
  skip(count: number): number {
    const { at } = this;
    if (count > this.end - at) this.fail('TRUNCATED', `${count} bytes are missing or cut`);
    this.at = at + count;
    return at;
  }

  byte(): number {
    return this.bytes[this.skip(1)];
  }

  /** A count or length. */
  readLength(): number {
    const start = this.at;
    const first = this.byte();
    if (first < 0x40) return first;
    if (first < 0x80) return ((first & 0x3f) << 8) | this.byte();
    if (first === 0x80) return this.#uint32(this.skip(4));
    if (first !== 0x81) {
      this.fail('BAD_LENGTH', `0x${first.toString(16)} does not begin a length`, start);
    }
    const at = this.skip(8);
    const length = this.#uint32(at) * 2 ** 32 + this.#uint32(at + 4);
    if (length > Number.MAX_SAFE_INTEGER) {
      this.fail('TOO_LARGE', 'a length above 2^53 - 1', start);
    }
    return length;
  }

  /** A number of 64 bits in the form of a length. */
  readUint64(): bigint {
    if (this.bytes[this.at] !== 0x81 || this.at >= this.end) return BigInt(this.readLength());
    const at = this.skip(9) + 1;
    return (BigInt(this.#uint32(at)) << 32n) | BigInt(this.#uint32(at + 4));
  }

  /** How many elements follow; they are counted. */
  readCount(): number {
    const count = this.readLength();
    this.countElements(count);
    return count;
  }

  /** Little-endian, signed, as times are. Above 2^53 it is the nearest double. */
  readInt64(): number {
    const at = this.skip(8);
    return (this.#uint32Little(at + 4) | 0) * 2 ** 32 + this.#uint32Little(at);
  }

  readInt32(): number {
    return this.#uint32Little(this.skip(4)) | 0;
  }

  /** A double of eight bytes, little-endian. */
  readDouble(): number {
    const at = this.skip(8);
    for (let i = 0; i < 8; i++) this.#double.setUint8(i, this.bytes[at + i]);
    return this.#double.getFloat64(0, true);
  }

  /** A double as sorted sets had it first: a byte of length, digits; three lengths mean what has no digits. */
  readTextDouble(): number {
    const length = this.byte();
    if (length === 253) return Number.NaN;
    if (length === 254) return Number.POSITIVE_INFINITY;
    if (length === 255) return Number.NEGATIVE_INFINITY;
    const at = this.skip(length);
    const text = asciiText(this.bytes, at, at + length);
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  }

  /** Reads a string into {@link string}: a range of the input where it is plain. */
  readString(): void {
    const { bytes, at } = this;
    this.stringAt = at;
    const first = at < this.end ? bytes[at] : 0;
    if (first >= 0xc0) {
      this.at = at + 1;
      if (first === 0xc0 + StringEncoding.lzf) this.#unpack();
      else this.#integer(first & 0x3f);
      return;
    }
    const length = this.readLength();
    if (length > this.#limits.stringBytesMax) this.#tooLong(length);
    this.stringStart = this.skip(length);
    this.stringEnd = this.at;
    this.string = bytes;
  }

  /** The same as a view. */
  readBytes(): Uint8Array {
    this.readString();
    return this.string.subarray(this.stringStart, this.stringEnd);
  }

  /** Makes {@link string} that many bytes, which are still to be written. */
  #makeString(length: number): void {
    const isScratch = length <= this.#scratch.length - this.#scratchAt;
    this.string = isScratch ? this.#scratch : new Uint8Array(length);
    this.stringStart = isScratch ? this.#scratchAt : 0;
    this.stringEnd = this.stringStart + length;
    if (isScratch) this.#scratchAt += length;
  }

  #integer(encoding: number): void {
    const text = String(this.#readInteger(encoding));
    this.#makeString(text.length);
    const { string, stringStart } = this;
    for (let i = 0; i < text.length; i++) string[stringStart + i] = text.charCodeAt(i);
  }

  #readInteger(encoding: number): number {
    switch (encoding) {
      case StringEncoding.int8:
        return (this.byte() << 24) >> 24;
      case StringEncoding.int16: {
        const at = this.skip(2);
        return ((this.bytes[at] | (this.bytes[at + 1] << 8)) << 16) >> 16;
      }
      case StringEncoding.int32:
        return this.readInt32();
      default:
        return this.fail('BAD_LENGTH', `no encoding of strings is ${encoding}`, this.stringAt);
    }
  }

  #unpack(): void {
    const packed = this.readLength();
    const length = this.readLength();
    const problem = lzfProblem(packed, length);
    if (problem !== null) this.fail('BAD_STRING', problem, this.stringAt);
    if (length > this.#limits.stringBytesMax) this.#tooLong(length);
    const start = this.skip(packed);
    this.#unpackedBytes += length;
    if (this.#unpackedBytes > this.#limits.valueBytesMax) {
      const reason = `unpacks to more than ${this.#limits.valueBytesMax} bytes`;
      this.fail('TOO_LARGE', reason, this.stringAt);
    }
    this.#makeString(length);
    const { bytes, at, string, stringStart, stringEnd } = this;
    if (!lzfDecompress(bytes, start, at, string, stringStart, stringEnd)) {
      this.fail('BAD_STRING', 'a compressed string is damaged', this.stringAt);
    }
  }

  #tooLong(length: number): never {
    const { stringBytesMax } = this.#limits;
    this.fail('TOO_LARGE', `a string of ${length} bytes; ${stringBytesMax} are the most`);
  }

  #uint32(at: number): number {
    const { bytes } = this;
    const high = (bytes[at] << 24) | (bytes[at + 1] << 16);
    return (high | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
  }

  #uint32Little(at: number): number {
    const { bytes } = this;
    const high = (bytes[at + 3] << 24) | (bytes[at + 2] << 16);
    return (high | (bytes[at + 1] << 8) | bytes[at]) >>> 0;
  }
}

/** Lengths that no compressed string has: what they announce is not worth the memory. Null where all is well. */
export function lzfProblem(packed: number, length: number): string | null {
  if (packed === 0 || length === 0) return 'a compressed string without bytes';
  if (length > packed * EXPANSION_MAX) {
    return `${packed} compressed bytes cannot unpack to ${length}`;
  }
  return null;
}
