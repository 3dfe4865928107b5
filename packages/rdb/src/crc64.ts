// Hot path: per chunk. The checksum of RDB files and DUMP payloads: CRC-64 with Jones' polynomial, bits reflected,
// beginning at 0. (crc64.c of the reference server; "123456789" gives e9c6d914c4b8d9ca.)
//
// 64 bits are two 32-bit halves: a BigInt would be allocated for each step. Eight bytes are taken at once, each through
// a table of its own; sixteen at once were slower, for their tables do not fit beside the data.

/** The polynomial ad93d23594c935a9 with its bits reversed. */
const POLYNOMIAL_HIGH = 0x95ac9329 | 0;
const POLYNOMIAL_LOW = 0xac4bc9b5 | 0;
/** Bytes per step. */
const STRIDE = 8;

const HIGH = new Int32Array(STRIDE * 256);
const LOW = new Int32Array(STRIDE * 256);

for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (low & 1) !== 0;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (isOdd) {
      high ^= POLYNOMIAL_HIGH;
      low ^= POLYNOMIAL_LOW;
    }
  }
  HIGH[byte] = high;
  LOW[byte] = low;
}
// Table k holds what a byte has become after k further zero bytes.
for (let at = 256; at < STRIDE * 256; at++) {
  const high = HIGH[at - 256];
  const low = LOW[at - 256];
  LOW[at] = ((low >>> 8) | (high << 24)) ^ LOW[low & 0xff];
  HIGH[at] = (high >>> 8) ^ HIGH[low & 0xff];
}

const NOTHING = new Uint8Array(0);

/** A running CRC-64. */
export class Crc64 {
  /** The two halves, as signed integers. */
  high = 0;
  low = 0;
  /** Bytes come in many pieces of the same memory, and a view costs more than a short piece. */
  #bytes: Uint8Array = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);

  reset(): void {
    this.high = 0;
    this.low = 0;
  }

  /** Goes on with `bytes[start, end)`. */
  update(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const view = this.#view;
    let { high, low } = this;
    let at = start;
    for (const stop = end - STRIDE; at <= stop; at += STRIDE) {
      const x = low ^ view.getInt32(at, true);
      const y = high ^ view.getInt32(at + 4, true);
      const a = 0x700 | (x & 0xff);
      const b = 0x600 | ((x >>> 8) & 0xff);
      const c = 0x500 | ((x >>> 16) & 0xff);
      const d = 0x400 | (x >>> 24);
      const e = 0x300 | (y & 0xff);
      const f = 0x200 | ((y >>> 8) & 0xff);
      const g = 0x100 | ((y >>> 16) & 0xff);
      const h = y >>> 24;
      high = HIGH[a] ^ HIGH[b] ^ HIGH[c] ^ HIGH[d] ^ HIGH[e] ^ HIGH[f] ^ HIGH[g] ^ HIGH[h];
      low = LOW[a] ^ LOW[b] ^ LOW[c] ^ LOW[d] ^ LOW[e] ^ LOW[f] ^ LOW[g] ^ LOW[h];
    }
    for (; at < end; at++) {
      const x = (low ^ bytes[at]) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ LOW[x];
      high = (high >>> 8) ^ HIGH[x];
    }
    this.high = high;
    this.low = low;
  }

  /** Writes the eight bytes, little-endian, as files and payloads end. */
  writeTo(bytes: Uint8Array, at: number): void {
    for (let i = 0; i < 4; i++) {
      bytes[at + i] = this.low >>> (8 * i);
      bytes[at + 4 + i] = this.high >>> (8 * i);
    }
  }

  /** Whether the eight bytes at `at` are this checksum. */
  equals(bytes: Uint8Array, at: number): boolean {
    for (let i = 0; i < 4; i++) {
      if (bytes[at + i] !== ((this.low >>> (8 * i)) & 0xff)) return false;
      if (bytes[at + 4 + i] !== ((this.high >>> (8 * i)) & 0xff)) return false;
    }
    return true;
  }

  /** Lets go of the memory that was read last. */
  release(): void {
    this.#bytes = NOTHING;
    this.#view = new DataView(NOTHING.buffer);
  }
}
