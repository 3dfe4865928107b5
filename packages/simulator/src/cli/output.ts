// Where the command line prints: results and the event log to standard output, progress and
// complaints to standard error.

import { Progress } from './progress.ts';

/** The reader has gone, as `head` does: nothing more is of use. */
const EXIT_NO_READER = 141;

export class Output {
  readonly progress: Progress;

  constructor() {
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EPIPE') process.exit(EXIT_NO_READER);
        throw error;
      });
    }
    this.progress = new Progress({
      isTerminal: process.stderr.isTTY === true,
      columns: process.stderr.columns ?? 80,
      write: (text) => process.stderr.write(text),
      nowMs: () => performance.now(),
    });
  }

  print(...lines: readonly string[]): void {
    this.progress.clear();
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }

  complain(line: string): void {
    this.progress.clear();
    process.stderr.write(`${line}\n`);
  }
}

/** Lets signals, and readers that have gone, be noticed between two parts of something long. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
