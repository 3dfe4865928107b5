// What entries refer to by number because it does not fit into a block: large values, structures, long keys.

import type { Structure, StructureHost } from './structure.ts';

const NO_BYTES: Uint8Array = new Uint8Array(0);
/** Parts of a structure that are given back on the spot when its key goes; the rest follows in slices. */
const RELEASED_AT_ONCE = 64;

/** What one entry has outside of its block. */
export class Outside implements StructureHost {
  /** The value, and behind it room to grow. */
  value: Uint8Array;
  /** The key, where it is too long for the block; else empty. */
  readonly key: Uint8Array;
  readonly structure: Structure | null;
  readonly #table: OutsideTable;

  constructor(
    table: OutsideTable,
    value: Uint8Array,
    key: Uint8Array,
    structure: Structure | null,
  ) {
    this.#table = table;
    this.value = value;
    this.key = key;
    this.structure = structure;
  }

  get heldBytes(): number {
    return this.value.length + this.key.length + (this.structure?.memoryBytes ?? 0);
  }

  memoryChanged(bytes: number): void {
    this.#table.bytes += bytes;
  }
}

export class OutsideTable {
  /** Memory of all, with that of structures that are still to be released. */
  bytes = 0;
  readonly #byNumber: Outside[] = [];
  readonly #freeNumbers: number[] = [];
  /** Structures that no key holds any more. */
  readonly #dropped: Structure[] = [];
  readonly #nothing: Outside = new Outside(this, NO_BYTES, NO_BYTES, null);

  /** The value and the structure become the table's own; an empty `key` means that it lies in the block. */
  add(value: Uint8Array, key: Uint8Array, structure: Structure | null): number {
    const outside = new Outside(this, value, key, structure);
    if (structure !== null) structure.host = outside;
    this.bytes += outside.heldBytes;
    const number = this.#freeNumbers.pop() ?? this.#byNumber.length;
    this.#byNumber[number] = outside;
    return number;
  }

  at(number: number): Outside {
    return this.#byNumber[number];
  }

  /** Another buffer in the place of a value. */
  replaceValue(outside: Outside, value: Uint8Array): void {
    this.bytes += value.length - outside.value.length;
    outside.value = value;
  }

  /** Takes out what has another owner from now on; the number stays the entry's. */
  surrender(number: number): Outside {
    const outside = this.#byNumber[number];
    this.bytes -= outside.heldBytes;
    if (outside.structure !== null) outside.structure.host = null;
    this.#byNumber[number] = this.#nothing;
    return outside;
  }

  /** The entry is gone. */
  drop(number: number): void {
    const outside = this.#byNumber[number];
    const { structure } = outside;
    this.bytes -= outside.value.length + outside.key.length;
    this.#byNumber[number] = this.#nothing;
    this.#freeNumbers.push(number);
    if (structure === null) return;
    structure.release(RELEASED_AT_ONCE);
    if (structure.memoryBytes > 0) this.#dropped.push(structure);
    else structure.host = null;
  }

  /** Gives back at most `limit` parts of structures that were dropped; how many, 0 = images need all that are left. */
  release(limit: number): number {
    const dropped = this.#dropped;
    const frozen: Structure[] = [];
    let count = 0;
    while (count < limit && dropped.length > 0) {
      const structure = dropped[dropped.length - 1];
      const released = structure.release(limit - count);
      const isDone = structure.memoryBytes === 0;
      count += isDone ? Math.max(1, released) : released;
      if (isDone) structure.host = null;
      else if (released === 0) frozen.push(structure);
      else continue;
      dropped.pop();
    }
    for (const structure of frozen) dropped.push(structure);
    return count;
  }
}
