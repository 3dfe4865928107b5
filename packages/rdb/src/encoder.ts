// Hot path: per entry. Writes the primitives of the format into one growing buffer.

import { RdbUsageError } from './errors.ts';
import { StringEncoding } from './format.ts';
import { NO_INTEGER, parseInt32 } from './integers.ts';
import { LzfCompressor } from './lzf.ts';

const NOTHING = new Uint8Array(0);
const NO_VIEW = new DataView(NOTHING.buffer);
/** Texts up to this length may be integers. */
const INTEGER_TEXT_MAX = 11;
/** Redis compresses strings that are longer than this. */
const COMPRESSED_FROM = 20;
/** And keeps what is shorter by at least so much. */
const COMPRESSION_WINS = 4;
/** A length in its longest form. */
const LENGTH_BYTES_MAX = 9;
/** Above this the engine's own copy is faster than a loop. */
const LOOPED_BYTES_MAX = 64;
const UINT32_MAX = 0xffff_ffff;
const INT64_RANGE = 2 ** 63;

export class Encoder {
  bytes: Uint8Array = NOTHING;
  at = 0;
  readonly #compression: boolean;
  readonly #firstBytes: number;
  /** Made when there is something to compress: its table is larger than most payloads. */
  #compressor: LzfCompressor | null = null;
  #view: DataView = NO_VIEW;

  /** `firstBytes` is what is reserved first. */
  constructor(compression: boolean, firstBytes: number) {
    this.#compression = compression;
    this.#firstBytes = firstBytes;
  }

  /** Makes room for so many bytes more. */
  reserve(count: number): void {
    const wanted = this.at + count;
    if (wanted <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#firstBytes, 2 * this.bytes.length, wanted));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  /** Leaves the memory to whoever has it now, and goes on in fresh one. */
  giveAway(): void {
    this.bytes = NOTHING;
    this.#view = NO_VIEW;
    this.at = 0;
  }

  /** Writes into memory that comes from {@link giveAway}, when nothing has been written since. */
  adopt(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  raw(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.reserve(end - start);
    this.#copy(bytes, start, end);
  }

  /** A count or length: one, two, five or nine bytes. */
  length(value: number): void {
    this.reserve(LENGTH_BYTES_MAX);
    this.at = writeLength(this.bytes, this.at, value);
  }

  /** A number of 64 bits in the form of a length. */
  uint64(value: bigint): void {
    if (value <= UINT32_MAX) {
      this.length(Number(value));
      return;
    }
    this.reserve(LENGTH_BYTES_MAX);
    this.bytes[this.at] = 0x81;
    this.#view.setBigUint64(this.at + 1, value);
    this.at += LENGTH_BYTES_MAX;
  }

  /** Signed, little-endian, as times are; what does not fit becomes the nearest that does. */
  int64(value: number): void {
    this.reserve(8);
    const fits = value < INT64_RANGE;
    const high = fits ? Math.floor(value / 2 ** 32) : 0x7fff_ffff;
    this.#view.setInt32(this.at, fits ? value - high * 2 ** 32 : -1, true);
    this.#view.setInt32(this.at + 4, high, true);
    this.at += 8;
  }

  double(value: number): void {
    this.reserve(8);
    this.#view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  /** The 16 bytes of an id: two numbers, big-endian. */
  rawId(ms: bigint, sequence: bigint): void {
    this.reserve(16);
    this.#view.setBigUint64(this.at, ms);
    this.#view.setBigUint64(this.at + 8, sequence);
    this.at += 16;
  }

  /** A string in its shortest form: an integer, compressed where that is on and worth it, or as it is. */
  string(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    const length = end - start;
    this.reserve(2 * LENGTH_BYTES_MAX + 1 + length);
    if (length <= INTEGER_TEXT_MAX) {
      const integer = parseInt32(bytes, start, end);
      if (integer !== NO_INTEGER) {
        this.#integer(integer);
        return;
      }
    } else if (length > COMPRESSED_FROM && this.#compressed(bytes, start, end)) return;
    this.at = writeLength(this.bytes, this.at, length);
    this.#copy(bytes, start, end);
  }

  #integer(value: number): void {
    const { bytes } = this;
    let { at } = this;
    let size = 1;
    if (value === (value << 24) >> 24) bytes[at++] = 0xc0 | StringEncoding.int8;
    else if (value === (value << 16) >> 16) {
      bytes[at++] = 0xc0 | StringEncoding.int16;
      size = 2;
    } else {
      bytes[at++] = 0xc0 | StringEncoding.int32;
      size = 4;
    }
    for (let i = 0; i < size; i++) bytes[at++] = value >> (8 * i);
    this.at = at;
  }

  /** The room for the longest lengths has been reserved; when they turn out shorter, the rest moves up. */
  #compressed(from: Uint8Array, start: number, end: number): boolean {
    if (!this.#compression) return false;
    this.#compressor ??= new LzfCompressor();
    const { bytes, at } = this;
    const length = end - start;
    const header = 1 + 2 * lengthSize(length);
    const body = at + header;
    const stop = this.#compressor.compress(
      from,
      start,
      end,
      bytes,
      body,
      body + length - COMPRESSION_WINS,
    );
    if (stop === 0) return false;
    bytes[at] = 0xc0 | StringEncoding.lzf;
    const moved = writeLength(bytes, writeLength(bytes, at + 1, stop - body), length);
    if (moved < body) bytes.copyWithin(moved, body, stop);
    this.at = moved + stop - body;
    return true;
  }

  /** There is room. */
  #copy(from: Uint8Array, start: number, end: number): void {
    const { bytes } = this;
    let { at } = this;
    if (end - start > LOOPED_BYTES_MAX) {
      bytes.set(from.subarray(start, end), at);
      this.at = at + end - start;
      return;
    }
    for (let i = start; i < end; i++) bytes[at++] = from[i];
    this.at = at;
  }
}

function lengthSize(value: number): number {
  if (value < 0x40) return 1;
  if (value < 0x4000) return 2;
  return value <= UINT32_MAX ? 5 : 9;
}

/** Writes a length; returns where it ends. */
function writeLength(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0x40) {
    bytes[at] = value;
    return at + 1;
  }
  if (value < 0x4000) {
    bytes[at] = 0x40 | (value >> 8);
    bytes[at + 1] = value;
    return at + 2;
  }
  const size = value <= UINT32_MAX ? 4 : 8;
  bytes[at] = size === 4 ? 0x80 : 0x81;
  let left = value;
  for (let i = size; i > 0; i--, left = Math.floor(left / 256)) bytes[at + i] = left % 256;
  return at + 1 + size;
}

/** What cannot be written, because it contradicts itself. */
export function checkConsistent(isConsistent: boolean, what: string): void {
  if (!isConsistent) throw new RdbUsageError('INCONSISTENT_VALUE', what);
}
