// Hot path: per tick. The rows of a table, for whoever walks them all.

import type { NodeColumns } from './columns.ts';
import type { NodeIndex } from './node.ts';

/** The rows in use. A generator would make an object for each; this one is compiled away. */
export class RowIterator implements IterableIterator<NodeIndex> {
  readonly #columns: NodeColumns;
  #next = 0;

  constructor(columns: NodeColumns) {
    this.#columns = columns;
  }

  [Symbol.iterator](): IterableIterator<NodeIndex> {
    return this;
  }

  next(): IteratorResult<NodeIndex, undefined> {
    const columns = this.#columns;
    while (this.#next < columns.limit) {
      const row = this.#next++;
      if (columns.isUsed(row)) return { value: row as NodeIndex, done: false };
    }
    return { value: undefined, done: true };
  }
}
