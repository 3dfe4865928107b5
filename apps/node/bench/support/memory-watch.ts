// The memory of a server while it does something: its own resident memory, and what the processes that it has forked hold
// alone, which is what copy on write and their buffers cost. Linux only; elsewhere it is NaN.

import { readFileSync } from 'node:fs';
import { residentBytes } from './pair.ts';

export interface MemoryPeak {
  /** Above what it was at the beginning. */
  readonly ownBytes: number;
  readonly forkedBytes: number;
  /** The most of both at one moment. */
  readonly bothBytes: number;
}

const INTERVAL_MS = 50;

export class MemoryWatch {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  readonly #beginBytes: number;
  #own = 0;
  #forked = 0;
  #both = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#beginBytes = residentBytes(pid);
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
  }

  stop(): MemoryPeak {
    this.#look();
    clearInterval(this.#timer);
    return { ownBytes: this.#own, forkedBytes: this.#forked, bothBytes: this.#both };
  }

  #look(): void {
    const own = residentBytes(this.#pid) - this.#beginBytes;
    const children = childrenOf(this.#pid);
    const forked = children?.reduce((sum, pid) => sum + privateDirtyBytes(pid), 0) ?? Number.NaN;
    this.#own = Math.max(this.#own, own);
    this.#forked = Math.max(this.#forked, forked);
    this.#both = Math.max(this.#both, own + forked);
  }
}

/** Null where the system does not tell: not every Linux is built to. */
function childrenOf(pid: number): number[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return null;
  }
}

/** Zero for a process that has just ended. */
function privateDirtyBytes(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    return Number(/^Private_Dirty:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
