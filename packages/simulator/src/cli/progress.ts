// How far a search is: one line that is rewritten on a terminal, a line now and then elsewhere.

const REWRITE_EVERY_MS = 200;
const LINE_EVERY_MS = 10_000;
/** ESC [ K: erases up to the end of the line. */
const ERASE = '\u001b[K';

export interface ProgressParts {
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly write: (text: string) => void;
  /** Milliseconds, never decreasing. */
  readonly nowMs: () => number;
}

export class Progress {
  readonly #parts: ProgressParts;
  #writtenMs: number;
  #isLineOpen = false;

  constructor(parts: ProgressParts) {
    this.#parts = parts;
    this.#writtenMs = parts.nowMs();
  }

  /** The state has changed; `line` is asked for only if it is to be shown. */
  update(line: () => string): void {
    const { isTerminal, columns, nowMs, write } = this.#parts;
    const sinceMs = nowMs() - this.#writtenMs;
    if (sinceMs < (isTerminal ? REWRITE_EVERY_MS : LINE_EVERY_MS)) return;
    this.#writtenMs = nowMs();
    if (!isTerminal) {
      write(`${line()}\n`);
      return;
    }
    // A line that wraps could not be rewritten.
    write(`\r${line().slice(0, Math.max(1, columns - 1))}${ERASE}`);
    this.#isLineOpen = true;
  }

  /** Something else is to be printed: the line that is rewritten goes. */
  clear(): void {
    if (!this.#isLineOpen) return;
    this.#parts.write(`\r${ERASE}`);
    this.#isLineOpen = false;
  }
}
