// Hot path: fetches from memory what look-ups of several keys will need; bench in bench/keyspace.bench.ts.
//
// In a large database a look-up waits twice for memory: for the cell of the index, and for the entry that it names. One
// after the other that takes longer than the command. So the cells of a batch of keys are read in one loop, and then
// their entries in another: the processor has the reads of many turns of such a loop under way at once.

import type { KeyProbe } from './hash.ts';
import type { SlotIndex } from './slot-index.ts';

/** Keys of one batch: as many as a processor can have under way, and some more. */
const KEYS_MAX = 64;

export class Lookahead {
  #count = 0;
  /** What was read. Nobody looks at it, but a compiler may leave out reads that have no effect. */
  seen = 0;
  readonly #probe: KeyProbe;
  readonly #slots: Int32Array = new Int32Array(KEYS_MAX);
  readonly #hashes: Int32Array = new Int32Array(KEYS_MAX);
  readonly #refs: Int32Array = new Int32Array(KEYS_MAX);

  constructor(probe: KeyProbe) {
    this.#probe = probe;
  }

  add(slot: number, bytes: Uint8Array, start: number, end: number): void {
    const at = this.#count;
    if (at === KEYS_MAX) return;
    this.#probe.read(bytes, start, end);
    this.#slots[at] = slot;
    this.#hashes[at] = this.#probe.hash;
    this.#count = at + 1;
  }

  fetch(index: SlotIndex): void {
    const count = this.#count;
    this.#count = 0;
    if (count < 2) return;
    let seen = 0;
    for (let i = 0; i < count; i++) seen ^= index.firstCellOf(this.#slots[i], this.#hashes[i]);
    for (let i = 0; i < count; i++) this.#refs[i] = index.refOf(this.#slots[i], this.#hashes[i]);
    for (let i = 0; i < count; i++) if (this.#refs[i] !== 0) seen ^= index.edgesOf(this.#refs[i]);
    this.seen = seen;
  }
}
