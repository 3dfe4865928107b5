// Hot path: per packet. A few different rows of the table, in the order in which they were picked: what a
// Set does, in memory that is used again for every message.

import type { NodeIndex } from '@slotmesh/topology';

export class Picks {
  #rows = new Int32Array(0);
  /** By row: the round in which it was picked last. */
  #rounds = new Uint32Array(0);
  #round = 0;
  count = 0;

  /** Forgets what was picked. Rows below `limit` may be picked now. */
  begin(limit: number): void {
    this.count = 0;
    this.#round = (this.#round + 1) >>> 0;
    if (limit > this.#rows.length || this.#round === 0) {
      const length = Math.max(limit, this.#rows.length * 2);
      this.#rows = new Int32Array(length);
      this.#rounds = new Uint32Array(length);
      this.#round = 1;
    }
  }

  add(row: NodeIndex): void {
    if (this.#rounds[row] === this.#round) return;
    this.#rounds[row] = this.#round;
    this.#rows[this.count++] = row;
  }

  /** The pick of that number, from 0 up to {@link count}. */
  at(i: number): NodeIndex {
    return this.#rows[i] as NodeIndex;
  }
}
