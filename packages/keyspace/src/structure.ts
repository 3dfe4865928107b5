// What a value that is more than bytes must be able to do, so that snapshots, expiry, eviction, the count of memory and
// the deletion of slots work on it without knowing what it is. docs/adding-a-type.md shows one.
//
// A key holds a small collection as compact bytes, beside the strings in the arena. A large one is an object of its own
// behind this interface, and the entry refers to it by number. Two things must never depend on how large it is:
//
// - A snapshot asks it to `freeze`, which takes no time: from then on the structure keeps for the image what a write is
//   about to change, part by part, until the image has passed that part.
// - Deletion takes it out of the index and calls `release` in slices, between commands.

import type { ValueKind } from './value-kind.ts';

/** Hears how much memory a structure takes. */
export interface StructureHost {
  /** `memoryBytes` has just changed by so many. */
  memoryChanged(bytes: number): void;
}

/** A value with parts, of one key. */
export interface Structure {
  readonly kind: ValueKind;
  /** As OBJECT ENCODING prints it. */
  readonly encoding: string;
  /** Its elements, as the type counts them. */
  readonly size: number;
  /**
   * Bytes that it takes, with those that it keeps for open images. Each change is told to the host at once; 0 once
   * everything is released.
   */
  readonly memoryBytes: number;
  /** Set by the keyspace while a key holds the structure and until it is released; null where none does. */
  host: StructureHost | null;
  /** An image of what it holds now, whatever is changed, or deleted, afterwards. It takes no time that grows with the size. */
  freeze(): StructureImage;
  /** Another structure with the same elements: for COPY. */
  clone(): Structure;
  /**
   * Nobody will ask for it any more: gives back at most `limit` parts that no open image needs, and answers how many. It
   * is called again, until `memoryBytes` is 0. A database that is emptied drops its structures without it.
   */
  release(limit: number): number;
}

/** What a structure held at one moment, visited in slices. Whoever asked for it takes it to the end or closes it. */
export interface StructureImage {
  /** Elements that it has in all. */
  readonly size: number;
  /** Visits the next parts, about `count`; false when none is left, which closes it. */
  step(count: number, visit: PartVisitor): boolean;
  /** Ends it early. */
  close(): void;
}

/** Takes one part, in the form of the type: for a set, a member. The bytes are a view, valid during the call. */
export type PartVisitor = (bytes: Uint8Array, start: number, end: number) => void;

/** How values of one type go from compact bytes to a structure and back. One object per type. */
export interface StructureType<S extends Structure = Structure> {
  readonly kind: ValueKind;
  /** The structure with the elements of compact bytes in `bytes[start, end)`, which it copies. */
  unpack(bytes: Uint8Array, start: number, end: number): S;
  /** The compact bytes; null where the structure is too large for that form. */
  pack(structure: S): Uint8Array | null;
}
