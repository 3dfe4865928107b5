// What benches of pauses count: not the time in which this process was ready to run and another one had the processor, nor
// that in which the whole machine stood still, as virtual ones do. Neither is a pause of ours. What would be missed is a
// main thread that waits for a disk.

import { openSync, readSync } from 'node:fs';

const schedule = openSchedule();
const text = Buffer.alloc(128);

/** Time since the lap before, milliseconds: on the clock, without what others took, and no more than was computed in it. */
export class OwnTime {
  #atMs = performance.now();
  #waitedMs = waitedMs();
  #cpuMs = cpuMs();

  lap(): number {
    const before = { atMs: this.#atMs, waitedMs: this.#waitedMs, cpuMs: this.#cpuMs };
    this.#atMs = performance.now();
    this.#waitedMs = waitedMs();
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

/** How long the main thread has waited for a processor in all; 0 where the system does not tell. */
function waitedMs(): number {
  if (schedule < 0) return 0;
  const length = readSync(schedule, text, 0, text.length, 0);
  return Number(text.toString('latin1', 0, length).split(' ')[1]) / 1e6;
}

/** Linux counts it where it was built to; the file stays open as long as the process lives. */
function openSchedule(): number {
  try {
    return openSync('/proc/self/schedstat', 'r');
  } catch {
    return -1;
  }
}
