// Listpacks: elements in one run of bytes, each followed by its own length backwards. (listpack.c of the reference server.)
//
//   total bytes u32 | elements u16, 65535 = count them | element, length backwards | ... | ff
//
// All of it is checked: that elements end where they say, that the way back is the way there, that the totals are true.

import type { Cursor } from '../cursor.ts';
import { integerBytes } from '../integers.ts';

const HEADER_BYTES = 6;
const END = 0xff;
const UNKNOWN_COUNT = 0xffff;

/** Goes through the elements of the listpack in the string that a cursor has read. */
export class ListpackReader {
  /** The element that was read: an integer, or else the bytes of `bytes[start, end)`. */
  integer: number | bigint | null = null;
  readonly bytes: Uint8Array;
  start = 0;
  end = 0;
  readonly #cursor: Cursor;
  readonly #stop: number;
  #at: number;
  #read = 0;
  readonly #declared: number;

  constructor(cursor: Cursor) {
    const { string, stringStart, stringEnd } = cursor;
    this.#cursor = cursor;
    this.bytes = string;
    this.#at = stringStart + HEADER_BYTES;
    this.#stop = stringEnd - 1;
    const length = stringEnd - stringStart;
    if (length <= HEADER_BYTES || string[this.#stop] !== END) this.#fail('has no end');
    if (uint32(string, stringStart) !== length) this.#fail('does not have the size that it says');
    this.#declared = string[stringStart + 4] | (string[stringStart + 5] << 8);
  }

  /** Reads the next element; false behind the last. */
  next(): boolean {
    if (this.#at === this.#stop) {
      const isTrue = this.#declared === UNKNOWN_COUNT || this.#declared === this.#read;
      if (!isTrue) this.#fail('does not have as many elements as it says');
      return false;
    }
    this.#cursor.countElements(1);
    this.#read++;
    const from = this.#at;
    this.#element();
    if (this.#at > this.#stop) this.#fail('has an element that is cut');
    this.#backLength(this.#at - from);
    return true;
  }

  /** The element's bytes: a view, or the digits. */
  value(): Uint8Array {
    return this.integer === null
      ? this.bytes.subarray(this.start, this.end)
      : integerBytes(this.integer);
  }

  /** Reads the next element, which must be there and an integer. */
  nextInteger(): number | bigint {
    if (!this.next() || this.integer === null) this.#fail('lacks a number');
    return this.integer as number | bigint;
  }

  /** Reads the next element, which must be there. */
  nextValue(): Uint8Array {
    if (!this.next()) this.#fail('ends too early');
    return this.value();
  }

  #fail(what: string): never {
    return this.#cursor.fail('BAD_VALUE', `a listpack ${what}`, this.#cursor.stringAt);
  }

  #element(): void {
    const { bytes } = this;
    const at = this.#at;
    const first = bytes[at];
    this.integer = null;
    if (first < 0x80) this.#integer(first, 1);
    else if (first < 0xc0) this.#string(first & 0x3f, 1);
    else if (first < 0xe0) {
      const value = ((first & 0x1f) << 8) | this.#peek(1);
      this.#integer(value >= 0x1000 ? value - 0x2000 : value, 2);
    } else if (first < 0xf0) this.#string(((first & 0x0f) << 8) | this.#peek(1), 2);
    else if (first === 0xf0) {
      this.#peek(4);
      this.#string(uint32(bytes, at + 1), 5);
    } else if (first === 0xf1) this.#integer((this.#little(2) << 16) >> 16, 3);
    else if (first === 0xf2) this.#integer((this.#little(3) << 8) >> 8, 4);
    else if (first === 0xf3) this.#integer(this.#little(4), 5);
    else if (first === 0xf4) {
      this.#peek(8);
      this.#integer(int64(bytes, at + 1), 9);
    } else this.#fail(`has an element that begins with 0x${first.toString(16)}`);
  }

  #integer(value: number | bigint, size: number): void {
    this.integer = value;
    this.#at += size;
  }

  #string(length: number, header: number): void {
    this.start = this.#at + header;
    this.end = this.start + length;
    this.#at = this.end;
  }

  /** The byte at this distance, which must lie before the end. */
  #peek(distance: number): number {
    if (this.#at + distance >= this.#stop) this.#fail('has an element that is cut');
    return this.bytes[this.#at + distance];
  }

  #little(size: number): number {
    let value = 0;
    for (let i = size; i > 0; i--) value = (value << 8) | this.#peek(i);
    return value;
  }

  /** Checks the length backwards: seven bits a byte, the last byte first, all but the first with the high bit. */
  #backLength(length: number): void {
    const size = backLengthSize(length);
    if (this.#at + size > this.#stop) this.#fail('has an element that is cut');
    for (let i = size - 1, left = length; i >= 0; i--, left = Math.floor(left / 128)) {
      const expected = (left & 0x7f) | (i === 0 ? 0 : 0x80);
      if (this.bytes[this.#at + i] !== expected) this.#fail('has an element with a wrong length');
    }
    this.#at += size;
  }
}

/** Bytes of the length backwards. */
export function backLengthSize(length: number): number {
  if (length <= 127) return 1;
  if (length < 16383) return 2;
  if (length < 2097151) return 3;
  return length < 268435455 ? 4 : 5;
}

/** The elements of the listpack in the string that was read last. */
export function readListpack(cursor: Cursor, elements: Uint8Array[]): void {
  const reader = new ListpackReader(cursor);
  while (reader.next()) elements.push(reader.value());
}

function uint32(bytes: Uint8Array, at: number): number {
  const high = (bytes[at + 3] << 24) | (bytes[at + 2] << 16);
  return (high | (bytes[at + 1] << 8) | bytes[at]) >>> 0;
}

/** A number where that is exact. */
export function int64(bytes: Uint8Array, at: number): number | bigint {
  const high = uint32(bytes, at + 4) | 0;
  const low = uint32(bytes, at);
  const value = high * 2 ** 32 + low;
  if (Number.isSafeInteger(value)) return value;
  return (BigInt(high) << 32n) | BigInt(low);
}
