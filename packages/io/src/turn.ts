// Hot path (per command). What is written during a turn of the event loop leaves at its end, in one write per
// connection: commands of fifty clients that arrived together cost fifty writes, not one per reply.

/** Something with output to hand over at the end of the turn. Added once per turn: it keeps its own flag. */
export interface Flushable {
  flush(): void;
}

export class TurnEnd {
  #waiting: Flushable[] = [];
  #spare: Flushable[] = [];
  /** How many of `#waiting` are this turn's: emptying a list would throw its memory away. */
  #count = 0;
  readonly #run = (): void => {
    const items = this.#waiting;
    const count = this.#count;
    this.#waiting = this.#spare;
    this.#count = 0;
    for (let i = 0; i < count; i++) {
      const item = items[i];
      items[i] = NOTHING;
      item.flush();
    }
    this.#spare = items;
  };

  /** Calls `item.flush()` once all sockets that are ready in this turn have been read. */
  add(item: Flushable): void {
    this.#waiting[this.#count++] = item;
    if (this.#count === 1) setImmediate(this.#run);
  }
}

/** Keeps nobody's memory in a list that waits to be used again. */
const NOTHING: Flushable = { flush: () => undefined };
