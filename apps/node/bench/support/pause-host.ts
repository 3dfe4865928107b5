// A node in a process of its own that watches its event loop, for the bench of pauses. It tells its port, then answers
// every message; it ends when its parent lets go of it.

import { monitorEventLoopDelay } from 'node:perf_hooks';
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
const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
loop.enable();

process.on('message', () => {
  const above = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  const pauses: Pauses = { longestMs: above(loop.max), p999Ms: above(loop.percentile(99.9)) };
  loop.reset();
  process.send?.(pauses);
});
process.on('disconnect', async () => {
  await node.kill();
  await directory.remove();
  process.exit(0);
});
process.send?.(port);
