// Hot path (per command). What is written during a turn of the event loop leaves at its end, in one write per
// connection: commands of fifty clients that arrived together cost fifty writes, not one per reply.

/** Something with output to hand over at the end of the turn. Added once per turn: it keeps its own flag. */
export interface Flushable {
  flush(): void;
}

export class TurnEnd {
  #waiting: Flushable[] = [];
  #spare: Flushable[] = [];
  readonly #run = (): void => {
    const items = this.#waiting;
    this.#waiting = this.#spare;
    for (const item of items) item.flush();
    items.length = 0;
    this.#spare = items;
  };

  /** Calls `item.flush()` once all sockets that are ready in this turn have been read. */
  add(item: Flushable): void {
    if (this.#waiting.push(item) === 1) setImmediate(this.#run);
  }
}
