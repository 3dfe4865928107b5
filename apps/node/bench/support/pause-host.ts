// A node in a process of its own that watches its event loop, for the bench of pauses. It tells its port, then answers
// every message; it ends when its parent lets go of it.
//
// A timer of a millisecond looks at the clock. Where the system tells it, the time is left out in which the process was
// ready to run and another one had the processor: a machine that is busy is not a pause of ours.

import { closeSync, openSync, readSync } from 'node:fs';
import { freeClusterPort, temporaryDirectory } from '../../../../scripts/testing/ports.ts';
import { Config } from '../../src/config/config.ts';
import { findDirective } from '../../src/config/table/index.ts';
import { Node } from '../../src/node.ts';

/** Times between two looks at the clock, above what was asked for. */
export interface Pauses {
  readonly longestMs: number;
  readonly p999Ms: number;
}

const RESOLUTION_MS = 1;
const directory = temporaryDirectory('slotmesh-bench-');
const port = await freeClusterPort();
const config = new Config();
for (const [name, value] of [
  ['bind', '127.0.0.1'],
  ['cluster-enabled', 'yes'],
  ['port', String(port)],
  ['dir', directory.path],
]) {
  const directive = findDirective(name);
  if (directive === undefined) throw new Error(`there is no directive ${name}`);
  config.load(directive, [value]);
}
const node = await Node.start({ config, writeLog: () => {}, writableDelayMs: 0 });

const schedule = process.platform === 'linux' ? openSync('/proc/self/schedstat', 'r') : -1;
const text = Buffer.alloc(128);

/** How long the main thread has waited for a processor in all, milliseconds; 0 where the system does not tell. */
function waitedMs(): number {
  if (schedule < 0) return 0;
  const length = readSync(schedule, text, 0, text.length, 0);
  return Number(text.toString('latin1', 0, length).split(' ')[1]) / 1e6;
}

let pauses: number[] = [];
let lastMs = performance.now();
let lastWaitedMs = waitedMs();
const timer = setInterval(() => {
  const nowMs = performance.now();
  const nowWaitedMs = waitedMs();
  pauses.push(Math.max(0, nowMs - lastMs - RESOLUTION_MS - (nowWaitedMs - lastWaitedMs)));
  lastMs = nowMs;
  lastWaitedMs = nowWaitedMs;
}, RESOLUTION_MS);

process.on('message', () => {
  const sorted = Float64Array.from(pauses).sort();
  const answer: Pauses = {
    longestMs: sorted.at(-1) ?? 0,
    p999Ms: sorted[Math.floor(sorted.length * 0.999)] ?? 0,
  };
  pauses = [];
  process.send?.(answer);
});
process.on('disconnect', async () => {
  clearInterval(timer);
  if (schedule >= 0) closeSync(schedule);
  await node.kill();
  await directory.remove();
  process.exit(0);
});
process.send?.(port);
