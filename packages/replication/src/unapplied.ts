// Hot path: per chunk of the stream. Bytes that came from the primary and were handed out to be executed; they belong to
// the history once they are.

import { assert } from '@slotmesh/machine';
import type { StreamLog } from './stream-log.ts';

export class UnappliedBytes {
  length = 0;
  #chunks: Uint8Array[] = [];
  #next = 0;
  /** How much of the next chunk is gone. */
  #at = 0;

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.length += bytes.length;
  }

  /** Moves the first `count` bytes to the end of `log`. */
  moveTo(log: StreamLog, count: number): void {
    assert(count >= 0 && count <= this.length, `${count} bytes applied, ${this.length} were there`);
    this.length -= count;
    while (count > 0) {
      const chunk = this.#chunks[this.#next];
      const end = Math.min(this.#at + count, chunk.length);
      log.append(chunk, this.#at, end);
      count -= end - this.#at;
      this.#at = end;
      if (end === chunk.length) {
        this.#next++;
        this.#at = 0;
      }
    }
    if (this.#next === this.#chunks.length) this.#chunks.length = 0;
    else if (this.#next >= 64) this.#chunks = this.#chunks.slice(this.#next);
    else return;
    this.#next = 0;
  }

  clear(): void {
    this.length = 0;
    this.#chunks = [];
    this.#next = 0;
    this.#at = 0;
  }
}
