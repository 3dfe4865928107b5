// Lines of a primary's replies, cut anywhere: what it answers before the bulk transfer and the stream begin.

import { REPLY_LINE_BYTES_MAX } from './limits.ts';
import { latin1 } from './text.ts';

const LF = 0x0a;
const CR = 0x0d;

export class LineReader {
  #text = '';

  /**
   * Reads from `at` to the end of a line. `line` is null if that is not there yet; it is without its line break. `next`
   * is where reading goes on, or -1 if the line is too long to be one.
   */
  read(bytes: Uint8Array, at: number): { readonly line: string | null; readonly next: number } {
    let end = at;
    const stop = Math.min(bytes.length, at + REPLY_LINE_BYTES_MAX);
    while (end < stop && bytes[end] !== LF) end++;
    this.#text += latin1(bytes, at, end);
    if (this.#text.length >= REPLY_LINE_BYTES_MAX) return { line: null, next: -1 };
    if (end === bytes.length) return { line: null, next: end };
    let line = this.#text;
    this.#text = '';
    if (line.length > 0 && line.charCodeAt(line.length - 1) === CR) line = line.slice(0, -1);
    return { line, next: end + 1 };
  }

  clear(): void {
    this.#text = '';
  }
}
