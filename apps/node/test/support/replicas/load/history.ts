// What clients have asked for, and what they were told. Every value is written once, so that what is read back at the end
// says of each write whether it is there.

/** What stands behind each value in a string that values are appended to. */
export const SEPARATOR = ' ';

/** A write of one value, and its fate so far. Times are of the monotonic clock, milliseconds. */
export interface Write {
  readonly writer: string;
  readonly slot: number;
  readonly key: string;
  readonly value: string;
  /** `set`: of a key that nothing else writes. `append`: to the end of a string that only this writer writes. */
  readonly kind: 'set' | 'append';
  /**
   * `acknowledged`: with whatever confirmation was asked for. `refused`: the last answer was an error, and it was not sent
   * again. `unknown`: no answer, or not enough confirmation; it may or may not be there, and its key was not used again.
   */
  outcome: 'acknowledged' | 'refused' | 'unknown';
  /** When it was sent for the last time. */
  sentMs: number;
  /** When its answer was read. */
  answeredMs: number;
  /** The client's port of the node that answered; null: the client does not tell. */
  port: number | null;
  /** Where the node's stream of commands ended right after it; null: the client cannot tell. */
  offset: number | null;
  /** The last answer, or what came instead of one. */
  reply: string;
}

/** All writes of one load, in the order in which they were begun. */
export class History {
  readonly writes: Write[] = [];

  begin(write: Pick<Write, 'writer' | 'slot' | 'key' | 'value' | 'kind'>): Write {
    const begun: Write = {
      ...write,
      ...{ outcome: 'unknown', sentMs: Number.NaN, answeredMs: Number.NaN },
      ...{ port: null, offset: null, reply: '' },
    };
    this.writes.push(begun);
    return begun;
  }

  count(outcome: Write['outcome']): number {
    return this.writes.reduce((sum, write) => sum + (write.outcome === outcome ? 1 : 0), 0);
  }
}
