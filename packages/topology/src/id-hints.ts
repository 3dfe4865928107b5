// Hot path: per gossip entry. Where the row of an id probably is. A Map of ids reads four or five places of memory for an
// answer; this reads one, and the caller looks whether the row has that id. Nothing has to be taken out: a hint that
// is wrong costs a look into the Map.

import type { NodeIndex } from './node.ts';

/** Room for a hint that no other id is to share: one id in eight does. */
const PLACES_PER_ROW = 8;
/** Ids are random: so many of their characters tell enough of them apart. */
const CHARACTERS = 6;

/** Something that names a node, as an entry of a gossip section does. */
export interface NamedNode {
  readonly node: string;
}

export class IdHints {
  #rows = new Uint16Array(16 * PLACES_PER_ROW);
  #shift = 32 - 7;

  /** The place of an id, until the next {@link fit}. */
  placeOf(id: string): number {
    let hash = 0;
    const end = id.length;
    for (let i = end - CHARACTERS; i < end; i++)
      hash = (Math.imul(hash, 31) + id.charCodeAt(i)) | 0;
    return Math.imul(hash, 0x9e3779b1) >>> this.#shift;
  }

  /** The row whose id was there last, or any other. */
  at(place: number): NodeIndex {
    return this.#rows[place] as NodeIndex;
  }

  set(place: number, row: NodeIndex): void {
    this.#rows[place] = row;
  }

  /** The hints for all of these, in loops that do nothing else: see {@link NodeColumns.touch}. */
  guess(nodes: readonly NamedNode[], rows: Int32Array): void {
    for (let i = 0; i < nodes.length; i++) rows[i] = this.placeOf(nodes[i].node);
    for (let i = 0; i < nodes.length; i++) rows[i] = this.#rows[rows[i]];
  }

  /** Makes room for so many rows; forgets all hints where it has to grow. */
  fit(rows: number): void {
    let length = this.#rows.length;
    if (rows * PLACES_PER_ROW <= length) return;
    while (length < rows * PLACES_PER_ROW) length *= 2;
    this.#rows = new Uint16Array(length);
    this.#shift = 32 - Math.log2(length);
  }
}
