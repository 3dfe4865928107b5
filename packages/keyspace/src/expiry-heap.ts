// Hot path: the entries that expire, soonest first; bench in bench/keyspace.bench.ts.
//
// A heap with four children per node, in chunks of typed arrays, so that it grows without a pause. Each entry knows its
// place (by `place`), so that it can leave, and any place can be drawn at random.

const CHUNK_BITS = 12;
const CHUNK: number = 1 << CHUNK_BITS;
const CHUNK_MASK: number = CHUNK - 1;
/** What an entry costs in the heap. */
export const HEAP_ENTRY_BYTES = 12;

/** Notes in an entry where it lies in the heap; -1 = no more. */
export type PlaceEntry = (ref: number, place: number) => void;

export class ExpiryHeap {
  size = 0;
  /** Sum of all expiries, for the mean. */
  totalMs = 0;
  readonly #place: PlaceEntry;
  readonly #times: Float64Array[] = [];
  readonly #refs: Int32Array[] = [];

  constructor(place: PlaceEntry) {
    this.#place = place;
  }

  /** Memory that the heap holds. */
  get heldBytes(): number {
    return this.#times.length * CHUNK * HEAP_ENTRY_BYTES;
  }

  timeAt(place: number): number {
    return this.#times[place >>> CHUNK_BITS][place & CHUNK_MASK];
  }

  refAt(place: number): number {
    return this.#refs[place >>> CHUNK_BITS][place & CHUNK_MASK];
  }

  add(ref: number, expireAtMs: number): void {
    const place = this.size++;
    if (place >>> CHUNK_BITS === this.#times.length) {
      this.#times.push(new Float64Array(CHUNK));
      this.#refs.push(new Int32Array(CHUNK));
    }
    this.totalMs += expireAtMs;
    this.#rise(ref, expireAtMs, place);
  }

  remove(place: number): void {
    this.totalMs -= this.timeAt(place);
    this.#place(this.refAt(place), -1);
    const last = --this.size;
    if (last !== place) this.#settle(this.refAt(last), this.timeAt(last), place);
    // One chunk more than needed stays, against growing and shrinking in turns.
    if (this.#times.length > (last >>> CHUNK_BITS) + 2) {
      this.#times.pop();
      this.#refs.pop();
    }
  }

  change(place: number, expireAtMs: number): void {
    this.totalMs += expireAtMs - this.timeAt(place);
    this.#settle(this.refAt(place), expireAtMs, place);
  }

  /** The entry in this place has moved in memory. */
  relocate(place: number, ref: number): void {
    this.#refs[place >>> CHUNK_BITS][place & CHUNK_MASK] = ref;
  }

  #put(ref: number, time: number, place: number): void {
    this.#times[place >>> CHUNK_BITS][place & CHUNK_MASK] = time;
    this.#refs[place >>> CHUNK_BITS][place & CHUNK_MASK] = ref;
    this.#place(ref, place);
  }

  #settle(ref: number, time: number, place: number): void {
    if (place > 0 && this.timeAt((place - 1) >>> 2) > time) this.#rise(ref, time, place);
    else this.#sink(ref, time, place);
  }

  #rise(ref: number, time: number, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >>> 2;
      const aboveTime = this.timeAt(above);
      if (aboveTime <= time) break;
      this.#put(this.refAt(above), aboveTime, place);
      place = above;
    }
    this.#put(ref, time, place);
  }

  #sink(ref: number, time: number, from: number): void {
    let place = from;
    for (;;) {
      const first = 4 * place + 1;
      const end = Math.min(first + 4, this.size);
      let below = -1;
      let soonest = time;
      for (let child = first; child < end; child++) {
        const childTime = this.timeAt(child);
        if (childTime < soonest) {
          soonest = childTime;
          below = child;
        }
      }
      if (below < 0) break;
      this.#put(this.refAt(below), soonest, place);
      place = below;
    }
    this.#put(ref, time, place);
  }
}
