// Writes listpacks: see listpack.ts for the form.

import { NO_INTEGER, parseInt32 } from '../integers.ts';
import { backLengthSize } from './listpack.ts';

const HEADER_BYTES = 6;
const FIRST_BYTES = 256;
const COUNT_MAX = 0xffff;
const ENCODED_EXTRA_MAX = 5 + 5 + 1;

export class ListpackWriter {
  #bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  #at = HEADER_BYTES;
  #count = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#at + 1;
  }

  integer(value: number | bigint): void {
    this.#reserve(9);
    const from = this.#at;
    const bytes = this.#bytes;
    if (value >= 0 && value < 0x80) bytes[this.#at++] = Number(value);
    else if (value >= -0x1000 && value < 0x1000) {
      const unsigned = Number(value) & 0x1fff;
      bytes[this.#at++] = 0xc0 | (unsigned >> 8);
      bytes[this.#at++] = unsigned;
    } else {
      const wide = BigInt(value);
      const size = BigInt.asIntN(16, wide) === wide ? 2 : intSize(wide);
      bytes[this.#at++] = size === 8 ? 0xf4 : 0xf1 + size - 2;
      for (let i = 0; i < size; i++) {
        bytes[this.#at++] = Number((wide >> BigInt(8 * i)) & 0xffn);
      }
    }
    this.#close(from);
  }

  /** A string; as an integer where it is one. */
  value(value: Uint8Array): void {
    const integer = parseInt32(value, 0, value.length);
    if (integer !== NO_INTEGER) {
      this.integer(integer);
      return;
    }
    const { length } = value;
    this.#reserve(length);
    const from = this.#at;
    const bytes = this.#bytes;
    if (length < 0x40) bytes[this.#at++] = 0x80 | length;
    else if (length < 0x1000) {
      bytes[this.#at++] = 0xe0 | (length >> 8);
      bytes[this.#at++] = length;
    } else {
      bytes[this.#at++] = 0xf0;
      for (let i = 0; i < 4; i++) bytes[this.#at++] = length >>> (8 * i);
    }
    bytes.set(value, this.#at);
    this.#at += length;
    this.#close(from);
  }

  /** The listpack; a view, valid until the next call. The writer begins anew. */
  finish(): Uint8Array {
    const bytes = this.#bytes;
    const length = this.#at + 1;
    const count = Math.min(this.#count, COUNT_MAX);
    bytes[this.#at] = 0xff;
    for (let i = 0; i < 4; i++) bytes[i] = length >>> (8 * i);
    bytes[4] = count;
    bytes[5] = count >> 8;
    this.#at = HEADER_BYTES;
    this.#count = 0;
    return bytes.subarray(0, length);
  }

  /** Ends the element that began at `from` with its length backwards. */
  #close(from: number): void {
    const length = this.#at - from;
    const size = backLengthSize(length);
    for (let i = size - 1, left = length; i >= 0; i--, left = Math.floor(left / 128)) {
      this.#bytes[this.#at + i] = (left & 0x7f) | (i === 0 ? 0 : 0x80);
    }
    this.#at += size;
    this.#count++;
  }

  #reserve(length: number): void {
    const wanted = this.#at + length + ENCODED_EXTRA_MAX;
    if (wanted <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}

function intSize(value: bigint): number {
  if (BigInt.asIntN(24, value) === value) return 3;
  return BigInt.asIntN(32, value) === value ? 4 : 8;
}
