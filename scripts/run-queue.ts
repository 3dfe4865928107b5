// How long a process has been ready to run while another one had the processor. On a machine with fewer processors than
// busy processes that is most of the longest delays, whatever a server does. Linux only; elsewhere it is 0.

import { closeSync, openSync, readSync } from 'node:fs';

const text = Buffer.alloc(128);

/** Of the main thread of one process: where it serves its clients. */
export class RunQueue {
  readonly #file: number;

  constructor(pid: number | 'self') {
    this.#file = openSchedule(pid);
  }

  /** In all, since the process began. A wait that still lasts does not count yet. */
  waitedMs(): number {
    if (this.#file < 0) return 0;
    const length = readSync(this.#file, text, 0, text.length, 0);
    return Number(text.toString('latin1', 0, length).split(' ')[1]) / 1e6;
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file);
  }
}

function openSchedule(pid: number | 'self'): number {
  try {
    return openSync(`/proc/${pid}/schedstat`, 'r');
  } catch {
    return -1;
  }
}
