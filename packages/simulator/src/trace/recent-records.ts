// The last records of a run, for when it fails: kept as they are, and made into lines only if somebody asks.

import { assert } from '@slotmesh/machine';
import { isTold, logLine } from './event-log.ts';
import { NodeNames } from './names.ts';
import type { TraceRecord, TraceSink } from './trace-sink.ts';

export class RecentRecords implements TraceSink {
  readonly #ring: TraceRecord[] = [];
  readonly #size: number;
  readonly #names = new NodeNames();
  /** Where the next one goes. */
  #next = 0;

  /** Keeps the last `size` records that are worth a line, at least 1. */
  constructor(size: number) {
    assert(Number.isInteger(size) && size >= 1, `a ring of ${size} records`);
    this.#size = size;
  }

  record(record: TraceRecord): void {
    if (!isTold(record)) return;
    this.#names.learn(record);
    this.#ring[this.#next] = record;
    this.#next = (this.#next + 1) % this.#size;
  }

  /** Oldest first. */
  records(): TraceRecord[] {
    if (this.#ring.length < this.#size) return [...this.#ring];
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }

  /** Lines of the event log, oldest first. */
  lines(): string[] {
    return this.records().map((record) => logLine(record, this.#names));
  }
}
