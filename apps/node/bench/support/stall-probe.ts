// A client in a process of its own that asks a server for something small again and again, and times each answer: whatever
// else goes on in the bench's process does not count. It is told the port, answers once it has an answer itself, then
// each message with the longest time since it began; it ends when its parent lets go of it.

import { setTimeout as delay } from 'node:timers/promises';
import { RespConnection } from '../../test/interop/support/resp-connection.ts';

export interface Stalls {
  readonly longestMs: number;
  readonly p999Ms: number;
}

const INTERVAL_MS = 1;
/** The first answers meet code that is not compiled yet. */
const WARM_UP = 200;

process.once('message', async (port: number) => {
  const connection = await RespConnection.open(port);
  const times: number[] = [];
  const ask = async (): Promise<number> => {
    const sentMs = performance.now();
    await connection.call('GET', 'key:000000000000');
    return performance.now() - sentMs;
  };
  for (let i = 0; i < WARM_UP; i++) await ask();
  let pendingMs: number | null = null;
  process.on('message', () => {
    // The answer that is waited for may be the one that takes longest.
    const waited = pendingMs === null ? [] : [performance.now() - pendingMs];
    const sorted = Float64Array.from([...times, ...waited]).sort();
    const answer: Stalls = {
      longestMs: sorted.at(-1) ?? 0,
      p999Ms: sorted[Math.floor(sorted.length * 0.999)] ?? 0,
    };
    process.send?.(answer);
  });
  process.send?.('ready');
  for (;;) {
    pendingMs = performance.now();
    times.push(await ask());
    pendingMs = null;
    await delay(INTERVAL_MS);
  }
});
process.on('disconnect', () => process.exit(0));
