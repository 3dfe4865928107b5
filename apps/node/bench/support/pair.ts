// What the node's benches share: our node and redis-server side by side, what their processes cost, and filling them.

import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { runTool } from '../../../../scripts/testing/redis-server.ts';
import { Fleet } from '../../test/interop/support/fleet.ts';
import {
  redisServer,
  type ServerProcess,
  slotmeshNode,
} from '../../test/interop/support/server-process.ts';
import { eventually } from '../../test/interop/support/wait.ts';

/** Unit of the times in /proc/<pid>/stat: USER_HZ, which is 100 on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100;
/** Commands in one write, and writes under way, while a server is filled. */
const BATCH = 500;
const BATCHES_AHEAD = 4;

/** Our node first, then redis-server. */
export type Pair = readonly [ours: ServerProcess, theirs: ServerProcess];

/** Runs `work` with both servers, cluster on, each alone with all slots; ends them afterwards. */
export async function withPair(
  work: (pair: Pair) => Promise<void>,
  args: readonly string[] = [],
): Promise<void> {
  const fleet = new Fleet();
  try {
    const [ours, theirs] = await fleet.start([slotmeshNode, redisServer], args);
    for (const server of [ours, theirs]) {
      await server.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
      await eventually(`${server.kind.name} serves`, async () => {
        await server.call('SET', keyName(0), 'x');
      });
      await server.call('FLUSHALL');
    }
    await work([ours, theirs]);
  } finally {
    await fleet.dispose();
  }
}

/** User and system time of all threads of a process, seconds; NaN where the system does not tell. */
export function cpuSeconds(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the program's name in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory of a process, bytes; NaN where the system does not tell. */
export function residentBytes(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** The names that redis-benchmark makes of `key:__rand_int__`: 16 bytes. */
export function keyName(i: number, prefix = 'key:'): string {
  return `${prefix}${String(i).padStart(12, '0')}`;
}

/** What a server did under one run of redis-benchmark. */
export interface Sample {
  readonly perSecond: number;
  readonly cpuUs: number;
}

/** One run of redis-benchmark: `words` is the command, in which `__rand_int__` is a number below `keys`. */
export async function benchmark(
  server: ServerProcess,
  load: {
    readonly words: readonly string[];
    readonly requests: number;
    readonly connections: number;
    readonly pipeline: number;
    readonly keys: number;
  },
): Promise<Sample> {
  const { words, requests, connections, pipeline, keys } = load;
  const before = cpuSeconds(server.pid);
  const { code, stdout, stderr } = await runTool('redis-benchmark', [
    ...['-h', '127.0.0.1', '-p', String(server.port), '--csv', '-r', String(keys)],
    ...['-c', String(connections), '-P', String(pipeline), '-n', String(requests)],
    ...words,
  ]);
  const cpu = cpuSeconds(server.pid) - before;
  const rate = /","([\d.]+)"(?:,"[\d.]+")*\s*$/.exec(stdout)?.[1];
  if (code !== 0 || rate === undefined) {
    throw new Error(`redis-benchmark on ${server.kind.name}: ${code}\n${stdout}\n${stderr}`);
  }
  return { perSecond: Number(rate), cpuUs: (cpu / requests) * 1e6 };
}

/** Commands of one shape, `SET <key> <value> [PX <ms>]`, of which only the number in the key differs. */
export class SetBatch {
  readonly #template: Buffer;
  readonly #stride: number;
  readonly #lastDigit: number;
  readonly count: number;

  constructor(count: number, valueBytes: number, expiresAfterMs = 0, prefix = 'key:') {
    const words = ['SET', keyName(0, prefix), 'x'.repeat(valueBytes)];
    if (expiresAfterMs > 0) words.push('PX', String(expiresAfterMs));
    const head = `*${words.length}\r\n`;
    const parts = words.map((word) => `$${word.length}\r\n${word}\r\n`);
    const command = head + parts.join('');
    this.count = count;
    this.#stride = command.length;
    this.#lastDigit = (head + parts[0] + parts[1]).length - 3;
    this.#template = Buffer.from(command.repeat(count), 'latin1');
  }

  /** The commands for the keys from `first` on. */
  from(first: number, step = 1): Buffer {
    const bytes = Buffer.from(this.#template);
    for (let i = 0; i < this.count; i++) {
      let at = i * this.#stride + this.#lastDigit;
      for (let rest = first + i * step; rest > 0; rest = Math.floor(rest / 10)) {
        bytes[at--] = 0x30 + (rest % 10);
      }
    }
    return bytes;
  }
}

/** Sets the keys 0 to `count - 1` over one connection; rejects unless each is answered by OK. */
export async function fill(
  port: number,
  count: number,
  options: { readonly valueBytes: number; readonly prefix?: string },
): Promise<void> {
  const { valueBytes, prefix = 'key:' } = options;
  const batch = new SetBatch(Math.min(BATCH, count), valueBytes, 0, prefix);
  await pump(
    port,
    Math.ceil(count / batch.count),
    (i) =>
      // The last batch begins where it ends with the last key: some keys are set twice then.
      batch.from(Math.min(i * batch.count, count - batch.count)),
    batch.count,
  );
}

/** Writes batch after batch, a few ahead of the answers, which must all be OK. */
export async function pump(
  port: number,
  batches: number,
  batchOf: (i: number) => Buffer,
  commandsPerBatch: number,
): Promise<void> {
  const socket = await open(port);
  try {
    await new Promise<void>((resolve, reject) => {
      const answerBytes = commandsPerBatch * '+OK\r\n'.length;
      let sent = 0;
      let received = 0;
      const send = (): void => {
        while (sent < batches && sent < Math.floor(received / answerBytes) + BATCHES_AHEAD) {
          socket.write(batchOf(sent++));
        }
      };
      socket.on('data', (chunk) => {
        if (chunk.includes('-')) reject(new Error(`answered by ${chunk.toString('latin1')}`));
        received += chunk.length;
        if (received === batches * answerBytes) resolve();
        else send();
      });
      socket.once('close', () => reject(new Error('the server closed the connection')));
      send();
    });
  } finally {
    socket.destroy();
  }
}

export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
      socket.removeListener('error', reject);
      socket.on('error', () => undefined); // 'close' follows
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
