// The longest pause of a node's event loop while many keys are written, every other with an expiry, and then expire.
// Nothing can be compared here: redis-server has no such loop to ask. The first writes have a row of their own: they run
// in V8's interpreter, and what follows waits for its compiler.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { table } from '../../../scripts/bench-kit.ts';
import { RespConnection } from '../test/interop/support/resp-connection.ts';
import { eventually } from '../test/interop/support/wait.ts';
import { pump, SetBatch } from './support/pair.ts';
import type { Pauses } from './support/pause-host.ts';

const VALUE_BYTES = 64;
/** Two hundred commands at once from the one client: as 50 connections with pipelines of 16 send them in a turn. */
const BATCH = 200;

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const keys = quick ? 2000 : 10_000_000;
  const firstKeys = quick ? 400 : 200_000;
  // Half of what is left expires while the rest is still written.
  const expiresAfterMs = quick ? 100 : 10_000;
  const register = new URL('../../../scripts/lib/register-ts.mjs', import.meta.url).href;
  const host = fork(fileURLToPath(new URL('support/pause-host.ts', import.meta.url)), [], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', register],
  });
  const exited = once(host, 'exit');
  try {
    const [port] = (await once(host, 'message')) as [number];
    const lasting = new SetBatch(BATCH, VALUE_BYTES);
    const passing = new SetBatch(BATCH, VALUE_BYTES, expiresAfterMs);
    const connection = await RespConnection.open(port);
    await connection.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
    await eventually('the node serves', () => connection.call('GET', 'x'));
    await ask(host); // what its start and its first commands took does not count
    const startMs = performance.now();
    const batchOf = (i: number): Buffer => (i % 2 === 0 ? lasting : passing).from(i * BATCH);
    const firstBatches = firstKeys / BATCH;
    await pump(port, firstBatches, batchOf, BATCH);
    const beginning = await ask(host);
    const begunMs = performance.now();
    await pump(port, keys / BATCH - firstBatches, (i) => batchOf(firstBatches + i), BATCH);
    const writing = await ask(host);
    const writtenMs = performance.now();
    await eventually(
      'half of the keys have expired',
      async () => {
        const left = await connection.call('DBSIZE');
        if (left !== keys / 2) throw new Error(`${left} keys are left`);
      },
      { timeoutMs: 120_000 },
    );
    const expiring = await ask(host);
    const expiredMs = performance.now();
    connection.close();
    console.log(`${keys} keys are written, half of them with an expiry; pauses in milliseconds`);
    table([
      row(`the first ${firstKeys}`, beginning, begunMs - startMs),
      row('while the others are written', writing, writtenMs - begunMs),
      row('until half of them are gone', expiring, expiredMs - writtenMs),
    ]);
  } finally {
    if (host.connected) host.disconnect();
    await exited;
  }
}

function row(phase: string, { longestMs, p999Ms }: Pauses, tookMs: number) {
  const seconds = (tookMs / 1000).toFixed(1);
  return { phase, seconds, 'p99.9': p999Ms.toFixed(2), longest: longestMs.toFixed(2) };
}

/** The pauses since it was asked the last time. */
async function ask(host: ReturnType<typeof fork>): Promise<Pauses> {
  host.send('pauses');
  const [pauses] = (await once(host, 'message')) as [Pauses];
  return pauses;
}
