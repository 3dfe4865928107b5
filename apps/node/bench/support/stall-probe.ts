// A client in a process of its own that asks a server for something small again and again, and times each answer: whatever
// else goes on in the bench's process does not count. It is told the server, answers once it has an answer itself, then
// each message with the longest time since it began; it ends when its parent lets go of it.
//
// An answer's time is taken on the clock, and again without the time in which the server or this process was ready to run
// and another process had the processor: what the server itself has done to it.

import { setTimeout as delay } from 'node:timers/promises';
import { RunQueue } from '../../../../scripts/run-queue.ts';
import { RespConnection } from '../../test/interop/support/resp-connection.ts';

export interface Target {
  readonly port: number;
  readonly pid: number;
}

export interface Stalls {
  readonly longestMs: number;
  readonly p999Ms: number;
  /** The same without what other processes took. */
  readonly ownLongestMs: number;
  readonly ownP999Ms: number;
}

const INTERVAL_MS = 1;
/** The first answers meet code that is not compiled yet. */
const WARM_UP = 200;

process.once('message', async ({ port, pid }: Target) => {
  const connection = await RespConnection.open(port);
  const queues = [new RunQueue(pid), new RunQueue('self')];
  const waitedMs = (): number => queues.reduce((sum, queue) => sum + queue.waitedMs(), 0);
  const times: number[] = [];
  const ownTimes: number[] = [];
  const ask = async (): Promise<void> => {
    const waitedBefore = waitedMs();
    const sentMs = performance.now();
    await connection.call('GET', 'key:000000000000');
    const ms = performance.now() - sentMs;
    times.push(ms);
    ownTimes.push(Math.max(0, ms - (waitedMs() - waitedBefore)));
  };
  for (let i = 0; i < WARM_UP; i++) await ask();
  times.length = 0;
  ownTimes.length = 0;
  process.on('message', async () => {
    // The answer that is waited for may be the one that takes longest.
    await asking;
    const answer: Stalls = {
      ...{ longestMs: quantile(times, 1), p999Ms: quantile(times, 0.999) },
      ...{ ownLongestMs: quantile(ownTimes, 1), ownP999Ms: quantile(ownTimes, 0.999) },
    };
    process.send?.(answer);
  });
  process.send?.('ready');
  let asking = Promise.resolve();
  for (;;) {
    asking = ask();
    await asking;
    await delay(INTERVAL_MS);
  }
});
process.on('disconnect', () => process.exit(0));

function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
