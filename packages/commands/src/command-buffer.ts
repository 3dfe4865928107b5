// A command that is put together from parts, in memory that is used again.

import type { Arguments } from '@slotmesh/resp';

const FIRST_BYTES = 256;
const FIRST_ARGUMENTS = 8;
const INT64_MAX = 9_223_372_036_854_775_807n;
/** Memory beyond this is given up with the next command. */
const KEPT_BYTES_MAX = 64 * 1024;

export class CommandBuffer implements Arguments {
  count = 0;
  buffer: Uint8Array = new Uint8Array(FIRST_BYTES);
  starts: Int32Array = new Int32Array(FIRST_ARGUMENTS);
  ends: Int32Array = new Int32Array(FIRST_ARGUMENTS);
  #length = 0;

  /** Forgets what was there, and begins a command of that name. */
  begin(name: string): this {
    return this.clear().word(name);
  }

  clear(): this {
    if (this.buffer.length > KEPT_BYTES_MAX) this.buffer = new Uint8Array(FIRST_BYTES);
    this.count = 0;
    this.#length = 0;
    return this;
  }

  /** Characters are bytes (latin1). */
  word(text: string): this {
    const start = this.#add(text.length);
    for (let i = 0; i < text.length; i++) this.buffer[start + i] = text.charCodeAt(i);
    return this;
  }

  /** A whole number. Above 2^53 it may have been rounded, but not out of 64 bits. */
  integer(value: number): this {
    if (Number.isSafeInteger(value)) return this.word(String(value));
    const wide = BigInt(value);
    return this.word(String(wide > INT64_MAX ? INT64_MAX : wide));
  }

  bytes(bytes: Uint8Array, start: number, end: number): this {
    const at = this.#add(end - start);
    this.buffer.set(bytes.subarray(start, end), at);
    return this;
  }

  /** Argument `i` of another command. */
  argument(args: Arguments, i: number): this {
    return this.bytes(args.buffer, args.starts[i], args.ends[i]);
  }

  /** Arguments `from` and later of another command. */
  argumentsFrom(args: Arguments, from: number): this {
    for (let i = from; i < args.count; i++) this.argument(args, i);
    return this;
  }

  /** Makes room for one more argument; where its bytes begin. */
  #add(length: number): number {
    const start = this.#length;
    const end = start + length;
    if (end > this.buffer.length) {
      const longer = new Uint8Array(Math.max(end, this.buffer.length * 2));
      longer.set(this.buffer.subarray(0, start));
      this.buffer = longer;
    }
    if (this.count === this.starts.length) {
      this.starts = grown(this.starts);
      this.ends = grown(this.ends);
    }
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
    this.#length = end;
    return start;
  }
}

function grown(numbers: Int32Array): Int32Array {
  const longer = new Int32Array(numbers.length * 2);
  longer.set(numbers);
  return longer;
}
