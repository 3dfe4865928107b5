// What benches of pauses leave out: the time in which this process was ready to run and another one had the processor.
// A machine that is busy with others is not a pause of ours.

import { openSync, readSync } from 'node:fs';

const schedule = openSchedule();
const text = Buffer.alloc(128);

/** How long the main thread has waited for a processor in all, milliseconds; 0 where the system does not tell. */
export function waitedMs(): number {
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
