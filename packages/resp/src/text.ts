// Hot path: per string. UTF-8 bytes to strings, with U+FFFD for what is not UTF-8.
//
// A call of TextDecoder costs a hundred nanoseconds whatever it decodes, and a loop over characters five each; a piece
// of a string that is there already costs twenty. So where a chunk holds many short strings, a window of it is decoded
// at once and they are cut out of that. It works where each byte of the window has become one character; elsewhere
// strings are decoded one by one.

/**
 * The window's size. A string of 13 characters or more that is cut out of the window keeps all of it in memory, so
 * the window is as small as its gain allows.
 */
const WINDOW_BYTES = 1024;
/** Longer strings are decoded alone. */
const LONG_BYTES = 256;
/** Up to this length the characters are collected in a list. */
const SHORT_BYTES = 24;

// A byte-order mark at the start of a value is part of the value.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const lists: number[][] = Array.from({ length: SHORT_BYTES + 1 }, (_, length) =>
  new Array<number>(length).fill(0),
);

/** Gives the text of `bytes[start, end)`, which are UTF-8 or nearly so. */
export type DecodeText = (bytes: Uint8Array, start: number, end: number) => string;

/** Decodes the strings of one stream. */
export class TextReader {
  private readonly decode: DecodeText;
  private bytes: Uint8Array | undefined;
  /** What `bytes[start, end)` says; empty if its characters and bytes are not one to one. */
  private window = '';
  private start = 0;
  private end = 0;

  constructor(decode: DecodeText) {
    this.decode = decode;
  }

  /** The text of `bytes[start, end)`; up to `received` there are bytes that may be texts to come. */
  read(bytes: Uint8Array, start: number, end: number, received: number): string {
    if (bytes === this.bytes && end <= this.end && start >= this.start) {
      if (this.window !== '') return this.window.substring(start - this.start, end - this.start);
      return this.alone(bytes, start, end);
    }
    // The first string of a chunk may well be the only one.
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.start = 0;
      this.end = 0;
      return this.alone(bytes, start, end);
    }
    if (end - start > LONG_BYTES || end + LONG_BYTES > received)
      return this.alone(bytes, start, end);
    this.start = start;
    this.end = Math.min(start + WINDOW_BYTES, received);
    const window = this.decode(bytes, start, this.end);
    // UTF-8 never has fewer bytes than the string has units, and no more only if each byte is a unit.
    this.window = window.length === this.end - start ? window : '';
    return this.read(bytes, start, end, received);
  }

  /** Lets go of the chunk, whose memory is about to change or not to be needed any more. */
  forget(): void {
    this.bytes = undefined;
    this.window = '';
  }

  private alone(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length > SHORT_BYTES) return this.decode(bytes, start, end);
    const list = lists[length];
    let all = 0;
    for (let i = 0; i < length; i++) {
      const byte = bytes[start + i];
      list[i] = byte;
      all |= byte;
    }
    return all < 0x80 ? String.fromCharCode.apply(null, list) : this.decode(bytes, start, end);
  }
}

/** The way that needs nothing but the web's own globals. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end));
}
