// Hot path: what INFO and CONFIG RESETSTAT know of executed commands. Columns indexed by a command's id.

import type { Histogram } from './histogram.ts';

/** Different error prefixes that are counted; a client can make up new ones only through errors that echo input. */
const ERROR_KINDS_MAX = 128;

export class ServerStats {
  commandsProcessed = 0;
  keyspaceHits = 0;
  keyspaceMisses = 0;
  errorReplies = 0;
  calls: Float64Array;
  /** Calls whose time was taken, and that time. */
  timedCalls: Float64Array;
  timedUs: Float64Array;
  /** Commands refused before they ran. */
  rejected: Float64Array;
  /** Commands that ran and answered with an error. */
  failed: Float64Array;
  /** Times of a command's calls; null where none was timed. */
  readonly histograms: (Histogram | null)[];
  /** Error replies by their first word. */
  readonly errors: Map<string, number> = new Map();

  constructor(commandCount: number) {
    this.calls = new Float64Array(commandCount);
    this.timedCalls = new Float64Array(commandCount);
    this.timedUs = new Float64Array(commandCount);
    this.rejected = new Float64Array(commandCount);
    this.failed = new Float64Array(commandCount);
    this.histograms = new Array<Histogram | null>(commandCount).fill(null);
  }

  countError(text: string): void {
    this.errorReplies++;
    const space = text.indexOf(' ');
    const kind = space < 0 ? text : text.slice(0, space);
    const count = this.errors.get(kind);
    if (count !== undefined) this.errors.set(kind, count + 1);
    else if (this.errors.size < ERROR_KINDS_MAX) this.errors.set(kind, 1);
  }

  /** Microseconds spent in a command: what was measured, extended to the calls that were not. */
  microsecondsIn(id: number): number {
    return this.timedCalls[id] === 0
      ? 0
      : (this.timedUs[id] / this.timedCalls[id]) * this.calls[id];
  }

  reset(): void {
    this.commandsProcessed = 0;
    this.keyspaceHits = 0;
    this.keyspaceMisses = 0;
    this.errorReplies = 0;
    this.calls.fill(0);
    this.timedCalls.fill(0);
    this.timedUs.fill(0);
    this.rejected.fill(0);
    this.failed.fill(0);
    this.histograms.fill(null);
    this.errors.clear();
  }
}
