// Hot path: per packet. A few different rows of the table, in the order in which they were picked: what a
// Set does, in memory that is used again for every message. A byte a row, so that all marks of a large
// table are a few lines of memory.

import type { NodeIndex } from '@slotmesh/topology';

export class Picks {
  #rows = new Int32Array(0);
  /** By row: whether it was picked. */
  #isPicked = new Uint8Array(0);
  count = 0;

  /** Forgets what was picked. Rows below `limit` may be picked now. */
  begin(limit: number): void {
    for (let i = 0; i < this.count; i++) this.#isPicked[this.#rows[i]] = 0;
    this.count = 0;
    if (limit > this.#rows.length) {
      const length = Math.max(limit, this.#rows.length * 2);
      this.#rows = new Int32Array(length);
      this.#isPicked = new Uint8Array(length);
    }
  }

  add(row: NodeIndex): void {
    if (this.#isPicked[row] !== 0) return;
    this.#isPicked[row] = 1;
    this.#rows[this.count++] = row;
  }

  /** The picks, {@link count} of them, until the next {@link begin}. */
  get rows(): Int32Array {
    return this.#rows;
  }

  /** The pick of that number, from 0 up to {@link count}. */
  at(i: number): NodeIndex {
    return this.#rows[i] as NodeIndex;
  }
}

/** Rows that are read ahead: of the nodes of a section, or of those that are drawn for one. */
export class Guesses {
  #rows = new Int32Array(0);

  /** Room for so many; what is in it is what was there before. */
  begin(count: number): Int32Array {
    if (count > this.#rows.length)
      this.#rows = new Int32Array(Math.max(count, 2 * this.#rows.length));
    return this.#rows;
  }
}
