// The memory of segments: where it comes from, and how it goes back.
//
// V8 counts the bytes of every ArrayBuffer as pressure on its own heap: a database that grows by a gigabyte has it look
// for garbage some twenty times, milliseconds each, though there is none. Bytes of a SharedArrayBuffer it does not count,
// and reading or writing an element is the same. Only copying many bytes at once is slower there, so segments of large
// blocks are ordinary ones.
//
// What is not counted is not missed either: memory that is let go would stay until V8 looks for garbage for some other
// reason. So when enough has been let go, an ordinary buffer of that size, which nobody touches, tells V8 of it. That is
// done a little later, by whoever gives memory back in slices: nothing refers to what was let go by then.

import { SEGMENT_BYTES } from './size-classes.ts';

/** Segments of each kind that are kept for the next need: a database that breathes does not ask the system each time. */
const SPARES_MAX = 8;
/** From so many bytes on V8 is told; it is also where V8 takes notice. */
const TOLD_BYTES: number = 64 * 1024 * 1024;

/** Where there is none (a page that is not isolated from others), all segments are ordinary. */
const Uncounted: typeof SharedArrayBuffer | typeof ArrayBuffer =
  typeof SharedArrayBuffer === 'function' ? SharedArrayBuffer : ArrayBuffer;

export class SegmentMemory {
  /** Bytes of all segments that are in use or spare. */
  heldBytes = 0;
  readonly #spareSmall: Int32Array[] = [];
  readonly #spareLarge: Int32Array[] = [];

  /** A segment for small or for large blocks. Its content is whatever was in it before. */
  take(forSmall: boolean): Int32Array {
    const spare = (forSmall ? this.#spareSmall : this.#spareLarge).pop();
    if (spare !== undefined) return spare;
    this.heldBytes += SEGMENT_BYTES;
    return new Int32Array(new (forSmall ? Uncounted : ArrayBuffer)(SEGMENT_BYTES));
  }

  /** Nobody refers to the segment any more. */
  give(words: Int32Array, forSmall: boolean): void {
    const spares = forSmall ? this.#spareSmall : this.#spareLarge;
    if (spares.length < SPARES_MAX) {
      spares.push(words);
      return;
    }
    this.heldBytes -= SEGMENT_BYTES;
    if (forSmall) goneBytes += SEGMENT_BYTES;
  }

  /** All segments are let go at once. */
  drop(): void {
    goneBytes += this.heldBytes;
    this.heldBytes = 0;
  }
}

/** Let go of by all keyspaces of the process, and V8 does not know: its heap is one for all of them as well. */
let goneBytes = 0;

/** Tells V8 of memory that was let go, where it is worth while; returns how many bytes it was told of. */
export function tellOfGoneMemory(): number {
  if (goneBytes < TOLD_BYTES) return 0;
  goneBytes = 0;
  return new ArrayBuffer(TOLD_BYTES).byteLength;
}
