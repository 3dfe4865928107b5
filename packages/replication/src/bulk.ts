// A snapshot as it arrives: either so many bytes, or bytes up to a mark of 40 that the primary has drawn for it.
//
// After a mark the primary sends nothing before our first ack. So the mark is looked for at the end of what has arrived
// alone, as the real server does, and the last 40 bytes are always held back: they may be the mark.

import { ID_LENGTH } from './limits.ts';
import { latin1 } from './text.ts';

/** How the transfer is framed, read from its first line. Null if that is no such line. */
export function parseBulkHeader(line: string): Bulk | null {
  if (line.startsWith('$EOF:')) {
    const mark = line.slice(5, 5 + ID_LENGTH);
    return mark.length === ID_LENGTH ? new Bulk(mark, null) : null;
  }
  if (!/^\$\d{1,15}$/.test(line)) return null;
  return new Bulk('', Number(line.slice(1)));
}

export class Bulk {
  /** Null if only the mark tells where the end is. */
  readonly sizeBytes: number | null;
  /** How many bytes have arrived, those held back among them. */
  receivedBytes = 0;
  readonly #mark: string;
  #held: Uint8Array = new Uint8Array(0);

  constructor(mark: string, sizeBytes: number | null) {
    this.#mark = mark;
    this.sizeBytes = sizeBytes;
  }

  /**
   * Takes what is the snapshot's of `bytes` from `at` on, and hands it to `out`. Returns where the rest begins if the
   * snapshot is complete, or -1.
   */
  take(bytes: Uint8Array, at: number, out: (bytes: Uint8Array) => void): number {
    if (this.sizeBytes !== null) {
      const end = Math.min(bytes.length, at + this.sizeBytes - this.receivedBytes);
      if (end > at) out(bytes.subarray(at, end));
      this.receivedBytes += end - at;
      return this.receivedBytes === this.sizeBytes ? end : -1;
    }
    this.receivedBytes += bytes.length - at;
    const arrived = bytes.subarray(at);
    const held = this.#held;
    const surplus = held.length + arrived.length - ID_LENGTH;
    const fromHeld = Math.min(Math.max(surplus, 0), held.length);
    const fromArrived = Math.max(surplus - fromHeld, 0);
    if (fromHeld > 0) out(held.subarray(0, fromHeld));
    if (fromArrived > 0) out(arrived.subarray(0, fromArrived));
    const kept = new Uint8Array(held.length - fromHeld + arrived.length - fromArrived);
    kept.set(held.subarray(fromHeld));
    kept.set(arrived.subarray(fromArrived), held.length - fromHeld);
    this.#held = kept;
    return kept.length === ID_LENGTH && latin1(kept, 0, ID_LENGTH) === this.#mark
      ? bytes.length
      : -1;
  }
}
