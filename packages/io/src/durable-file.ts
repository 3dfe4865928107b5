// A file that follows a state in memory. Many changes in a row become few writes: the content is formatted when a write
// starts, so whoever asks while one is running shares the next.
//
// After a failed fsync nothing is known about what the disk holds, and a second fsync may succeed without having
// written anything: such a failure is final, and every later save is refused with it.

import { type ReplaceOptions, replaceFile } from './atomic-file.ts';
import { FileError } from './errors.ts';

export class DurableFile {
  readonly path: string;
  readonly #format: () => Uint8Array;
  readonly #options: ReplaceOptions;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  #failure: FileError | null = null;

  /** `format` gives the content, called at the start of each write. */
  constructor(path: string, format: () => Uint8Array, options: ReplaceOptions = {}) {
    this.path = path;
    this.#format = format;
    this.#options = options;
  }

  /** The failed fsync after which nothing is written any more, if there was one. */
  get failure(): FileError | null {
    return this.#failure;
  }

  /** Whether a write is under way. */
  get saving(): boolean {
    return this.#running !== null;
  }

  /**
   * Writes the state as it is now, or a later one; resolves when it is on the disk. Resolves in the order of the calls.
   * Rejects with a {@link FileError}.
   */
  save(): Promise<void> {
    if (this.#next !== null) return this.#next;
    if (this.#running === null) return this.#start();
    const startNext = () => this.#startNext();
    this.#next = this.#running.then(startNext, startNext);
    return this.#next;
  }

  /** Resolves when no write is under way or waiting, however the last one went. */
  async settled(): Promise<void> {
    for (;;) {
      const last = this.#next ?? this.#running;
      if (last === null) return;
      await last.catch(() => undefined);
    }
  }

  #startNext(): Promise<void> {
    this.#next = null;
    return this.#start();
  }

  #start(): Promise<void> {
    const run = this.#write();
    this.#running = run;
    const done = () => {
      if (this.#running === run) this.#running = null;
    };
    run.then(done, done);
    return run;
  }

  async #write(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    try {
      await replaceFile(this.path, this.#format(), this.#options);
    } catch (error) {
      if (error instanceof FileError && error.step.startsWith('fsync')) this.#failure = error;
      throw error;
    }
  }
}
