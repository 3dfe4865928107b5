// Hot path while a snapshot is open: what it has got before its turn, by slot and hash. All entries of a hash are handed
// over together, so two keys that share one never have to be told apart.
//
// The notes lie in many short lists that are never moved as a whole: adding one takes about as long as ever, however
// many there are. They go when the snapshot is closed.

/** With a million notes there are 61 in a list, which is looked through in less than the time of a hash. */
const LIST_BITS = 14;
const LIST_COUNT: number = 1 << LIST_BITS;
const HASHES: number = 2 ** 32;

export class HandedOver {
  /** By place; made with the first note. */
  #lists: (number[] | undefined)[] = [];

  /** `hash` is a 32-bit integer, signed or not. */
  has(slot: number, hash: number): boolean {
    if (this.#lists.length === 0) return false;
    const list = this.#lists[placeOf(slot, hash)];
    return list?.includes(noteOf(slot, hash)) ?? false;
  }

  /** False if it was there already. */
  add(slot: number, hash: number): boolean {
    if (this.#lists.length === 0) this.#lists = new Array(LIST_COUNT).fill(undefined);
    const place = placeOf(slot, hash);
    const note = noteOf(slot, hash);
    const list = this.#lists[place];
    if (list === undefined) this.#lists[place] = [note];
    else if (list.includes(note)) return false;
    else list.push(note);
    return true;
  }
}

/** By both: all keys may be in one slot, and then slots have few. */
function placeOf(slot: number, hash: number): number {
  return (slot ^ (hash >>> (32 - LIST_BITS))) & (LIST_COUNT - 1);
}

function noteOf(slot: number, hash: number): number {
  return slot * HASHES + (hash >>> 0);
}
