// GET and SET through a socket: our node against redis-server, both with cluster on and all slots on the one node, each
// under the same redis-benchmark. What counts beside the requests per second is the CPU that the server's process spends on
// a command, because the load generator and the server share the machine.

import { readFileSync } from 'node:fs';
import { median, type TableRow, table } from '../../../scripts/bench-kit.ts';
import { runTool } from '../../../scripts/testing/redis-server.ts';
import { Fleet } from '../test/interop/support/fleet.ts';
import {
  redisServer,
  type ServerProcess,
  slotmeshNode,
} from '../test/interop/support/server-process.ts';
import { eventually } from '../test/interop/support/wait.ts';

const VALUE_BYTES = 64;
const CONNECTIONS = 50;
const PIPELINES = [1, 16, 100] as const;
/** Enough for a second or two each, so that the 10 ms steps of the process times do not show. */
const REQUESTS = new Map<number, number>([
  [1, 150_000],
  [16, 800_000],
  [100, 1_600_000],
]);
/** Unit of the times in /proc/<pid>/stat: USER_HZ, which is 100 on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100;

interface Load {
  readonly command: 'GET' | 'SET';
  readonly pipeline: number;
  readonly requests: number;
  readonly keys: number;
}

interface Sample {
  readonly perSecond: number;
  /** NaN where the system does not tell. */
  readonly cpuUs: number;
}

/** Prints a row per command and pipeline length; medians of rounds in which the two servers take turns. */
export async function run({ quick }: { quick: boolean }): Promise<void> {
  const rounds = quick ? 1 : 3;
  const keys = quick ? 100 : 100_000;
  const fleet = new Fleet();
  try {
    const [ours, theirs] = await fleet.start([slotmeshNode, redisServer]);
    for (const server of [ours, theirs]) await prepare(server, keys);

    const rows: TableRow[] = [];
    for (const pipeline of PIPELINES) {
      for (const command of ['GET', 'SET'] as const) {
        const requests = quick ? 2000 : (REQUESTS.get(pipeline) as number);
        const load = { command, pipeline, requests, keys };
        rows.push(await compare(ours, theirs, load, rounds));
      }
    }
    table(rows);
  } finally {
    await fleet.dispose();
  }
}

/** All slots, all keys; then checks that a GET finds its 64 bytes, so that both servers do the same work. */
async function prepare(server: ServerProcess, keys: number): Promise<void> {
  await server.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
  await eventually('the node serves', async () => {
    await server.call('SET', benchmarkKey(0), 'x');
  });
  const value = 'x'.repeat(VALUE_BYTES);
  await Promise.all(
    Array.from({ length: keys }, (_, i) => server.call('SET', benchmarkKey(i), value)),
  );
  const size = await server.call('DBSIZE');
  const read = await server.text('GET', benchmarkKey(keys - 1));
  if (size !== keys || read !== value) {
    throw new Error(`${server.kind.name} holds ${size} keys of ${keys}, one reads ${read}`);
  }
}

/** The names that redis-benchmark draws with `-r`. */
function benchmarkKey(i: number): string {
  return `key:${String(i).padStart(12, '0')}`;
}

async function compare(
  ours: ServerProcess,
  theirs: ServerProcess,
  load: Load,
  rounds: number,
): Promise<TableRow> {
  const samples = new Map<ServerProcess, Sample[]>([
    [ours, []],
    [theirs, []],
  ]);
  // The first round warms up both (compiler, caches) and does not count.
  for (let round = -1; round < rounds; round++) {
    const order = round % 2 === 0 ? [ours, theirs] : [theirs, ours];
    for (const server of order) {
      const sample = await measure(server, load);
      if (round >= 0) samples.get(server)?.push(sample);
    }
  }
  const of = (server: ServerProcess, field: keyof Sample): number =>
    median((samples.get(server) ?? []).map((sample) => sample[field]));
  const [cpuOurs, cpuTheirs] = [of(ours, 'cpuUs'), of(theirs, 'cpuUs')];
  const [rateOurs, rateTheirs] = [of(ours, 'perSecond'), of(theirs, 'perSecond')];
  return {
    command: load.command,
    pipeline: load.pipeline,
    'requests/s': Math.round(rateOurs),
    'redis-server': Math.round(rateTheirs),
    ratio: `${(rateOurs / rateTheirs).toFixed(2)}x`,
    'CPU us/command': cpuOurs.toFixed(2),
    'redis-server CPU': cpuTheirs.toFixed(2),
    'CPU ratio': `${(cpuOurs / cpuTheirs).toFixed(2)}x`,
  };
}

async function measure(server: ServerProcess, load: Load): Promise<Sample> {
  const before = cpuSeconds(server.pid);
  const { code, stdout, stderr } = await runTool('redis-benchmark', [
    ...['-h', '127.0.0.1', '-p', String(server.port), '-t', load.command.toLowerCase(), '--csv'],
    ...['-c', String(CONNECTIONS), '-P', String(load.pipeline), '-n', String(load.requests)],
    ...['-d', String(VALUE_BYTES), '-r', String(load.keys)],
  ]);
  const cpu = cpuSeconds(server.pid) - before;
  const rate = new RegExp(`^"${load.command}","([\\d.]+)"`, 'm').exec(stdout)?.[1];
  if (code !== 0 || rate === undefined) {
    throw new Error(`redis-benchmark on ${server.kind.name}: ${code}\n${stdout}\n${stderr}`);
  }
  return { perSecond: Number(rate), cpuUs: (cpu / load.requests) * 1e6 };
}

/** User and system time of all threads of a process. */
function cpuSeconds(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the program's name in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
