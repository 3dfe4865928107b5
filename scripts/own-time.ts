// What benches of pauses count: not the time in which this process was ready to run and another one had the processor, nor
// that in which the whole machine stood still, as virtual ones do. Neither is a pause of ours. What would be missed is a
// main thread that waits for a disk.

import { RunQueue } from './run-queue.ts';

const queue = new RunQueue('self');

/** Time since the lap before, milliseconds: on the clock, without what others took, and no more than was computed in it. */
export class OwnTime {
  #atMs = performance.now();
  #waitedMs = queue.waitedMs();
  #cpuMs = cpuMs();

  lap(): number {
    const before = { atMs: this.#atMs, waitedMs: this.#waitedMs, cpuMs: this.#cpuMs };
    this.#atMs = performance.now();
    this.#waitedMs = queue.waitedMs();
    this.#cpuMs = cpuMs();
    const others = this.#waitedMs - before.waitedMs;
    return Math.max(0, Math.min(this.#atMs - before.atMs - others, this.#cpuMs - before.cpuMs));
  }
}

/** Of all threads of the process: the compiler's and the collector's helpers count as well. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
