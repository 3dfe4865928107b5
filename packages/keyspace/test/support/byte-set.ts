// A structure for tests, as simple as the interface allows: a set of byte strings in a Map.
//
// Members have numbers in the order in which they came, which is the Map's own order. An image goes through the Map up to
// the last number of its time; a member that goes while an image has not reached it is kept for that image.

import {
  type PartVisitor,
  type Structure,
  type StructureHost,
  type StructureImage,
  type StructureType,
  ValueKind,
} from '../../src/index.ts';

/** Sets with more members are structures. */
const COMPACT_MEMBERS_MAX = 8;
const BASE_BYTES = 100;
const MEMBER_BYTES = 50;

interface Member {
  readonly bytes: Uint8Array;
  readonly number: number;
}

const nameOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const costOf = ({ bytes }: Member): number => MEMBER_BYTES + bytes.length;

class Image implements StructureImage {
  readonly size: number;
  /** Members up to `last` are in the image, those up to `passed` were visited or are kept. */
  readonly last: number;
  passed = -1;
  readonly kept: Member[] = [];
  readonly #owner: ByteSet;
  readonly #rest: Iterator<Member>;

  constructor(owner: ByteSet, last: number, rest: Iterator<Member>) {
    this.#owner = owner;
    this.size = owner.size;
    this.last = last;
    this.#rest = rest;
  }

  step(count: number, visit: PartVisitor): boolean {
    for (let i = 0; i < count; i++) {
      const member = this.kept.length > 0 ? this.#takeKept() : this.#next();
      if (member === null) {
        this.close();
        return false;
      }
      visit(member.bytes, 0, member.bytes.length);
    }
    return true;
  }

  close(): void {
    while (this.kept.length > 0) this.#takeKept();
    this.#owner.forget(this);
  }

  #takeKept(): Member {
    const member = this.kept.pop()!;
    this.#owner.resize(-costOf(member));
    return member;
  }

  #next(): Member | null {
    const { done, value } = this.#rest.next();
    if (done || value.number > this.last) return null;
    this.passed = value.number;
    return value;
  }
}

export class ByteSet implements Structure {
  readonly kind = ValueKind.set;
  readonly encoding = 'hashtable';
  host: StructureHost | null = null;
  memoryBytes = BASE_BYTES;
  readonly #members = new Map<string, Member>();
  readonly #images = new Set<Image>();
  #nextNumber = 0;

  get size(): number {
    return this.#members.size;
  }

  /** The members, sorted. */
  get names(): string[] {
    return [...this.#members.keys()].sort();
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    for (const { bytes } of this.#members.values()) yield bytes;
  }

  add(bytes: Uint8Array): boolean {
    const name = nameOf(bytes);
    if (this.#members.has(name)) return false;
    const member = { bytes: Uint8Array.from(bytes), number: this.#nextNumber++ };
    this.#members.set(name, member);
    this.resize(costOf(member));
    return true;
  }

  remove(bytes: Uint8Array): boolean {
    const member = this.#members.get(nameOf(bytes));
    if (member === undefined) return false;
    this.#members.delete(nameOf(bytes));
    this.resize(-costOf(member));
    for (const image of this.#images) {
      if (member.number <= image.passed || member.number > image.last) continue;
      image.kept.push(member);
      this.resize(costOf(member));
    }
    return true;
  }

  freeze(): StructureImage {
    const image = new Image(this, this.#nextNumber - 1, this.#members.values());
    this.#images.add(image);
    return image;
  }

  clone(): ByteSet {
    const copy = new ByteSet();
    for (const bytes of this) copy.add(bytes);
    return copy;
  }

  release(limit: number): number {
    if (this.#images.size > 0) return 0;
    let count = 0;
    for (const bytes of this) {
      if (count === limit) return count;
      this.remove(bytes);
      count++;
    }
    this.resize(-this.memoryBytes);
    return count;
  }

  // ---- for images ----------------------------------------------------------------------------------------------

  resize(bytes: number): void {
    this.memoryBytes += bytes;
    this.host?.memoryChanged(bytes);
  }

  forget(image: Image): void {
    this.#images.delete(image);
  }
}

/** Each member with its length before it, in two bytes. */
export const BYTE_SET: StructureType<ByteSet> = {
  kind: ValueKind.set,

  unpack(bytes, start, end) {
    const set = new ByteSet();
    for (let at = start; at < end; ) {
      const length = bytes[at] | (bytes[at + 1] << 8);
      set.add(bytes.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
    return set;
  },

  pack(set) {
    if (set.size > COMPACT_MEMBERS_MAX) return null;
    const packed: number[] = [];
    for (const bytes of set) packed.push(bytes.length & 0xff, bytes.length >> 8, ...bytes);
    return Uint8Array.from(packed);
  },
};
