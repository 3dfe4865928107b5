// Hot path: the queue of everything that is going to happen, in the order of its virtual time; what
// is due at the same time happens in the order in which it was scheduled. A binary heap over three
// arrays, so that an entry costs no object of its own.

export class Schedule<E> {
  /** Virtual time, ms: that of the event taken last. */
  nowMs = 0;
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #events: E[] = [];
  #order = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** When the next event is due; Infinity if there is none. */
  get nextMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#times[0];
  }

  /** Something happens at `atMs`, whole, not before now. */
  at(atMs: number, event: E): void {
    const times = this.#times;
    const orders = this.#orders;
    const events = this.#events;
    let i = this.#size++;
    while (i > 0) {
      const up = (i - 1) >> 1;
      // Equal times: the one above was scheduled earlier.
      if (times[up] <= atMs) break;
      times[i] = times[up];
      orders[i] = orders[up];
      events[i] = events[up];
      i = up;
    }
    times[i] = atMs;
    orders[i] = this.#order++;
    events[i] = event;
  }

  /** Takes the next event and lets time pass up to it. There must be one. */
  take(): E {
    const first = this.#events[0];
    this.nowMs = this.#times[0];
    this.#size--;
    if (this.#size > 0) this.#sinkLast();
    // The entry behind the end must not keep its event alive.
    this.#events.length = this.#size;
    return first;
  }

  /** The entry behind the end goes in at the top and sinks to its place. */
  #sinkLast(): void {
    const times = this.#times;
    const orders = this.#orders;
    const events = this.#events;
    const size = this.#size;
    const time = times[size];
    const order = orders[size];
    const event = events[size];
    let i = 0;
    for (let child = 1; child < size; child = 2 * i + 1) {
      const right = child + 1;
      if (right < size && isBefore(times[right], orders[right], times[child], orders[child])) {
        child = right;
      }
      if (!isBefore(times[child], orders[child], time, order)) break;
      times[i] = times[child];
      orders[i] = orders[child];
      events[i] = events[child];
      i = child;
    }
    times[i] = time;
    orders[i] = order;
    events[i] = event;
  }
}

function isBefore(timeA: number, orderA: number, timeB: number, orderB: number): boolean {
  return timeA < timeB || (timeA === timeB && orderA < orderB);
}
