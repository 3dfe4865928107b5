// Worker threads that run seeds. A seed's outcome is the same in whichever thread it runs, and
// outcomes are handed on in the order of the seeds: what a search finds depends on no thread.

import { Worker } from 'node:worker_threads';
import type { SimulationOptions } from '../options.ts';
import type { SeedOutcome } from '../run-seed.ts';
import type { Settings } from '../settings.ts';

/** A seed to run; plain data. */
export interface SeedTask {
  readonly seed: number;
  readonly settings: Settings;
  readonly base: Partial<SimulationOptions>;
}

/** What a worker answers. */
export type Answer = { readonly outcome: SeedOutcome } | { readonly error: string };

export interface PoolParts {
  /** The built module that a thread runs. */
  readonly worker: URL;
  readonly jobs: number;
  /** A task for the next thread that is free; null if there are no more. */
  readonly next: () => SeedTask | null;
  /** In the order of {@link next}. False: no further task is wanted. */
  readonly done: (outcome: SeedOutcome, task: SeedTask) => boolean;
}

/** Runs tasks until there are no more, or no more are wanted. Rejects where one makes no run. */
export async function runPool(parts: PoolParts): Promise<void> {
  const pool = new Pool(parts);
  try {
    await pool.run();
  } finally {
    await pool.close();
  }
}

class Pool {
  readonly #parts: PoolParts;
  readonly #workers: Worker[];
  /** Those that are done before one that was handed out earlier. */
  readonly #early = new Map<number, SeedOutcome>();
  readonly #tasks = new Map<number, SeedTask>();
  #handedOut = 0;
  #told = 0;
  #isOver = false;

  constructor(parts: PoolParts) {
    this.#parts = parts;
    // No loader of this process reaches the threads: they run what was built.
    this.#workers = Array.from(
      { length: parts.jobs },
      () => new Worker(parts.worker, { execArgv: [] }),
    );
  }

  async run(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => this.#employ(worker)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  async #employ(worker: Worker): Promise<void> {
    for (;;) {
      const task = this.#isOver ? null : this.#parts.next();
      if (task === null) return;
      const number = this.#handedOut++;
      this.#tasks.set(number, task);
      const answer = await ask(worker, task);
      if (this.#isOver) return;
      if ('error' in answer) throw new Error(answer.error);
      this.#early.set(number, answer.outcome);
      this.#tell();
    }
  }

  #tell(): void {
    for (;;) {
      const outcome = this.#early.get(this.#told);
      if (outcome === undefined || this.#isOver) return;
      const task = this.#tasks.get(this.#told) as SeedTask;
      this.#early.delete(this.#told);
      this.#tasks.delete(this.#told);
      this.#told++;
      if (!this.#parts.done(outcome, task)) this.#isOver = true;
    }
  }
}

function ask(worker: Worker, task: SeedTask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const forget = (): void => {
      worker.off('message', answered);
      worker.off('error', failed);
      worker.off('exit', ended);
    };
    const answered = (answer: Answer): void => {
      forget();
      resolve(answer);
    };
    const failed = (error: unknown): void => {
      forget();
      const reason = error instanceof Error ? error.message : String(error);
      reject(new Error(`seed ${task.seed}: the worker thread failed: ${reason}`));
    };
    const ended = (): void => failed('it has ended');
    worker.on('message', answered);
    worker.on('error', failed);
    worker.on('exit', ended);
    worker.postMessage(task);
  });
}
