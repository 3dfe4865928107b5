// How long single requests take while others load keys: an open loop, in which every request has its time and is sent
// then, however long the answers before it take. Latency counts from that time, so that a server that stalls pays for all
// the requests that came meanwhile.

import type { Socket } from 'node:net';
import { median, table } from '../../../scripts/bench-kit.ts';
import type { ServerProcess } from '../test/interop/support/server-process.ts';
import { fill, keyName, open, SetBatch, withPair } from './support/pair.ts';

const CONNECTIONS = 20;
const VALUE_BYTES = 64;
const REQUESTS_PER_SECOND = 20_000;
/** Keys that the other client writes in one go, and how often: five million of them in one measurement. */
const LOADED_AT_ONCE = 250;
const LOADS_PER_SECOND = 1000;
const SECONDS = 20;
const ANSWER_BYTES = `$${VALUE_BYTES}\r\n`.length + VALUE_BYTES + 2;

interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const rounds = quick ? 1 : 3;
  const seconds = quick ? 0.2 : SECONDS;
  const keys = quick ? 1000 : 100_000;
  await withPair(async (pair) => {
    const samples = new Map<ServerProcess, Latencies[]>(pair.map((server) => [server, []]));
    // The first round warms up.
    for (let round = -1; round < rounds; round++) {
      for (const server of round % 2 === 0 ? pair : [...pair].reverse()) {
        await fill(server.port, keys, { valueBytes: VALUE_BYTES });
        const sample = await measure(server, { seconds, keys });
        if (round >= 0) samples.get(server)?.push(sample);
        await server.call('FLUSHALL');
      }
    }
    const loaded = seconds * LOADS_PER_SECOND * LOADED_AT_ONCE;
    console.log(
      `GET ${REQUESTS_PER_SECOND}/s over ${CONNECTIONS} connections, while ${loaded} keys are loaded in ${seconds} s; milliseconds`,
    );
    table(
      pair.map((server) => {
        const of = (field: keyof Latencies): string =>
          median((samples.get(server) ?? []).map((sample) => sample[field])).toFixed(2);
        const [p50, p99, p999, max] = [of('p50'), of('p99'), of('p999'), of('max')];
        return { server: server.kind.name, p50: p50, p99: p99, 'p99.9': p999, max };
      }),
    );
  });
}

async function measure(
  server: ServerProcess,
  { seconds, keys }: { seconds: number; keys: number },
): Promise<Latencies> {
  const total = Math.round(REQUESTS_PER_SECOND * seconds);
  const latencies = new Float64Array(total);
  const requests = Array.from({ length: Math.min(keys, 1000) }, (_, i) => {
    const key = keyName(Math.floor((i * keys) / 1000) % keys);
    return `*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`;
  });
  const sockets: Socket[] = [];
  for (let i = 0; i < CONNECTIONS; i++) sockets.push(await open(server.port));
  const loader = await open(server.port);
  try {
    await new Promise<void>((resolve, reject) => {
      const startMs = performance.now() + 5;
      const dueMs = (i: number): number => startMs + (i * 1000) / REQUESTS_PER_SECOND;
      let answered = 0;
      sockets.forEach((socket, c) => {
        let next = c; // the requests c, c + CONNECTIONS... are this connection's, and are answered in their order
        let bytes = 0;
        socket.on('data', (chunk) => {
          bytes += chunk.length;
          const nowMs = performance.now();
          for (; bytes >= ANSWER_BYTES; bytes -= ANSWER_BYTES) {
            latencies[next] = nowMs - dueMs(next);
            next += CONNECTIONS;
            if (++answered === total) resolve();
          }
        });
        socket.once('close', () => reject(new Error(`${server.kind.name} closed a connection`)));
      });
      loader.resume();
      const batch = new SetBatch(LOADED_AT_ONCE, VALUE_BYTES);
      let sent = 0;
      let loads = 0;
      // Timers are too coarse for this: it looks at the clock all the time.
      const send = (): void => {
        const nowMs = performance.now();
        while (sent < total && dueMs(sent) <= nowMs) {
          sockets[sent % CONNECTIONS].write(requests[sent % requests.length], 'latin1');
          sent++;
        }
        if (sent < total && startMs + (loads * 1000) / LOADS_PER_SECOND <= nowMs) {
          loader.write(batch.from(keys + loads++ * LOADED_AT_ONCE));
        }
        if (sent < total) setImmediate(send);
      };
      send();
    });
  } finally {
    for (const socket of [...sockets, loader]) socket.removeAllListeners('close').destroy();
  }
  latencies.sort();
  const at = (share: number): number => latencies[Math.min(total - 1, Math.floor(total * share))];
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: latencies[total - 1] };
}
