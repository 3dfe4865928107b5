// Prints records as lines of the event log.

import { isTold, logLine } from '../trace/event-log.ts';
import { NodeNames } from '../trace/names.ts';
import type { TraceRecord, TraceSink } from '../trace/trace-sink.ts';

const LINES_AT_ONCE = 500;
/** Effects that come all the time. */
const QUIET: ReadonlySet<string> = new Set(['persist', 'send', 'connect', 'disconnect', 'deliver']);

export class EventPrinter implements TraceSink {
  readonly #print: (...lines: readonly string[]) => void;
  readonly #isBrief: boolean;
  readonly #names = new NodeNames();
  #lines: string[] = [];

  constructor(print: (...lines: readonly string[]) => void, log: 'all' | 'brief') {
    this.#print = print;
    this.#isBrief = log === 'brief';
  }

  record(record: TraceRecord): void {
    this.#names.learn(record);
    if (!isTold(record) || (this.#isBrief && !isNews(record))) return;
    this.#lines.push(logLine(record, this.#names));
    if (this.#lines.length >= LINES_AT_ONCE) this.flush();
  }

  flush(): void {
    if (this.#lines.length > 0) this.#print(...this.#lines);
    this.#lines = [];
  }
}

/** What faults, operators and clients did, and what nodes came to believe. */
export function isNews(record: TraceRecord): boolean {
  switch (record.kind) {
    case 'input':
    case 'keys':
    case 'replicationInput':
    case 'append':
    case 'applied':
      return false;
    case 'effect':
      return !QUIET.has(record.effect.kind);
    case 'replicationEffect':
      return record.effect.kind === 'notice';
    default:
      return true;
  }
}
