// What keys and connections cost: resident memory of the server's process above what the empty server takes, ours and
// redis-server's; then the throughput of a thousand connections that are all busy.

import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { median, type TableRow, table } from '../../../scripts/bench-kit.ts';
import type { ServerProcess } from '../test/interop/support/server-process.ts';
import { eventually } from '../test/interop/support/wait.ts';
import {
  benchmark,
  fill,
  keyName,
  open,
  type Pair,
  residentBytes,
  withPair,
} from './support/pair.ts';

const VALUE_BYTES = 64;
/** Connections that are opened at the same time: servers accept from a queue of limited length. */
const OPENED_AT_ONCE = 100;
/** Until the server has given back what it needed only for a moment. */
const SETTLE_MS = 1500;

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const keys = quick ? 1000 : 1_000_000;
  const idle = quick ? 50 : 10_000;
  const busy = quick ? 50 : 1000;
  const settleMs = quick ? 0 : SETTLE_MS;
  const rows: TableRow[] = [];
  // Fresh servers for each: memory that connections have left behind would be used again for keys.
  await withPair(async (pair) => {
    rows.push(
      row(`bytes per key, ${keys} keys`, await each(pair, (one) => keyBytes(one, keys, settleMs))),
    );
    const rates = await busyRates(pair, busy, keys, quick);
    rows.push(row(`GET requests/s, ${busy} busy connections`, rates));
  });
  await withPair(
    async (pair) => {
      const bytes = await each(pair, (one) => connectionBytes(one, idle, settleMs));
      rows.push(row(`bytes per connection, ${idle} idle ones`, bytes));
    },
    ['--maxclients', '11000'],
  );
  table(rows);
}

async function each(
  pair: Pair,
  measure: (server: ServerProcess) => Promise<number>,
): Promise<readonly [number, number]> {
  return [await measure(pair[0]), await measure(pair[1])];
}

function row(what: string, [ours, theirs]: readonly [number, number]): TableRow {
  return {
    what,
    ours: Math.round(ours),
    'redis-server': Math.round(theirs),
    ratio: `${(ours / theirs).toFixed(2)}x`,
  };
}

async function keyBytes(server: ServerProcess, keys: number, settleMs: number): Promise<number> {
  const before = residentBytes(server.pid);
  await fill(server.port, keys, { valueBytes: VALUE_BYTES });
  await delay(settleMs);
  const read = await server.text('GET', keyName(keys - 1));
  if ((await server.call('DBSIZE')) !== keys || read.length !== VALUE_BYTES) {
    throw new Error(`${server.kind.name} does not hold the ${keys} keys`);
  }
  return (residentBytes(server.pid) - before) / keys;
}

/** Each has asked something once, as a client of a pool has. */
async function connectionBytes(
  server: ServerProcess,
  count: number,
  settleMs: number,
): Promise<number> {
  const clients = async (): Promise<number> =>
    Number(/connected_clients:(\d+)/.exec(await server.text('INFO', 'clients'))?.[1]);
  const others = await clients();
  const before = residentBytes(server.pid);
  const sockets: Socket[] = [];
  try {
    while (sockets.length < count) {
      const some = Math.min(OPENED_AT_ONCE, count - sockets.length);
      sockets.push(
        ...(await Promise.all(Array.from({ length: some }, () => greeted(server.port)))),
      );
    }
    await delay(settleMs);
    const connected = await clients();
    if (connected !== count + others) {
      throw new Error(`${server.kind.name} has ${connected} clients, not ${count + others}`);
    }
    return (residentBytes(server.pid) - before) / count;
  } finally {
    for (const socket of sockets) socket.destroy();
    await eventually('the clients are gone', async () => {
      if ((await clients()) > others) throw new Error('some are left');
    });
  }
}

async function greeted(port: number): Promise<Socket> {
  const socket = await open(port);
  await new Promise<void>((resolve, reject) => {
    socket.once('data', () => resolve());
    socket.once('close', () => reject(new Error('the server closed the connection')));
    socket.write('PING\r\n');
  });
  return socket;
}

async function busyRates(
  pair: Pair,
  connections: number,
  keys: number,
  quick: boolean,
): Promise<readonly [number, number]> {
  const rates: [number[], number[]] = [[], []];
  for (let round = -1; round < (quick ? 1 : 3); round++) {
    for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const words = ['GET', 'key:__rand_int__'];
      const requests = quick ? 2000 : 100_000;
      const load = { words, requests, connections, pipeline: 1, keys };
      const { perSecond } = await benchmark(pair[i], load);
      if (round >= 0) rates[i].push(perSecond);
    }
  }
  return [median(rates[0]), median(rates[1])];
}
