// A node in a process of its own that watches its event loop, for the bench of pauses. It tells its port, then answers
// every message; it ends when its parent lets go of it.
//
// A timer of a millisecond looks at the clock; what is no time of this process is left out.

import { OwnTime } from '../../../../scripts/own-time.ts';
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

let pauses: number[] = [];
const ownTime = new OwnTime();
const timer = setInterval(() => {
  pauses.push(Math.max(0, ownTime.lap() - RESOLUTION_MS));
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
  await node.kill();
  await directory.remove();
  process.exit(0);
});
process.send?.(port);
