// Commands through a socket: our node against redis-server, both with cluster on and all slots on the one node, each
// under the same redis-benchmark. What counts beside the requests per second is the CPU that the server's process spends on
// a command, because the load generator and the server share the machine.

import { median, type TableRow, table } from '../../../scripts/bench-kit.ts';
import type { ServerProcess } from '../test/interop/support/server-process.ts';
import { benchmark, fill, keyName, type Pair, type Sample, withPair } from './support/pair.ts';

const VALUE_BYTES = 64;
const CONNECTIONS = 50;
/** Keys that one MGET or MSET names: of one hash tag, so that one slot holds them. */
const MULTI = 10;
const TAGGED = '{tag}:';

interface Load {
  readonly what: string;
  readonly words: readonly string[];
  readonly pipeline: number;
  /** Enough for a second or so, so that the 10 ms steps of the process times do not show. */
  readonly requests: number;
}

const get: readonly string[] = ['GET', 'key:__rand_int__'];
const set = (valueBytes: number, prefix = 'key:'): readonly string[] => {
  return ['SET', `${prefix}__rand_int__`, 'x'.repeat(valueBytes)];
};
const multi = (command: string, ...value: string[]): readonly string[] => {
  return [
    command,
    ...Array.from({ length: MULTI }, () => [`${TAGGED}__rand_int__`, ...value]).flat(),
  ];
};

const LOADS: readonly Load[] = [
  { what: 'GET 64 B', words: get, pipeline: 1, requests: 100_000 },
  { what: 'SET 64 B', words: set(VALUE_BYTES), pipeline: 1, requests: 100_000 },
  { what: 'GET 64 B', words: get, pipeline: 16, requests: 500_000 },
  { what: 'SET 64 B', words: set(VALUE_BYTES), pipeline: 16, requests: 500_000 },
  { what: 'GET 64 B', words: get, pipeline: 100, requests: 1_000_000 },
  { what: 'SET 64 B', words: set(VALUE_BYTES), pipeline: 100, requests: 1_000_000 },
  { what: 'SET 3 B', words: set(3, 'small:'), pipeline: 16, requests: 500_000 },
  { what: 'GET 3 B', words: ['GET', 'small:__rand_int__'], pipeline: 16, requests: 500_000 },
  { what: 'SET 4 KiB', words: set(4096, 'large:'), pipeline: 16, requests: 100_000 },
  { what: 'GET 4 KiB', words: ['GET', 'large:__rand_int__'], pipeline: 16, requests: 200_000 },
  { what: 'INCR', words: ['INCR', 'counter:__rand_int__'], pipeline: 16, requests: 500_000 },
  { what: `MGET of ${MULTI}`, words: multi('MGET'), pipeline: 16, requests: 100_000 },
  {
    what: `MSET of ${MULTI}`,
    words: multi('MSET', 'x'.repeat(VALUE_BYTES)),
    pipeline: 16,
    requests: 100_000,
  },
];
/** Loads that are not of the filled keys draw from fewer, so that what they write fits in memory. */
const FEWER_KEYS = 10_000;

/** Prints a row per command and pipeline length; medians of rounds in which the two servers take turns. */
export async function run({ quick }: { quick: boolean }): Promise<void> {
  const rounds = quick ? 1 : 3;
  const keys = quick ? 1000 : 1_000_000;
  await withPair(async (pair) => {
    for (const server of pair) await prepare(server, keys, Math.min(keys, FEWER_KEYS));
    const rows: TableRow[] = [];
    for (const load of LOADS) {
      const isFilled = load.words[1].startsWith('key:');
      rows.push(
        await compare(pair, load, {
          rounds,
          keys: isFilled ? keys : Math.min(keys, FEWER_KEYS),
          requests: quick ? 2000 : load.requests,
        }),
      );
    }
    table(rows);
  });
}

/** All keys that are read; then checks that GET and MGET find their bytes, so that both servers do the same work. */
async function prepare(server: ServerProcess, keys: number, fewer: number): Promise<void> {
  await fill(server.port, keys, { valueBytes: VALUE_BYTES });
  await fill(server.port, fewer, { valueBytes: 3, prefix: 'small:' });
  await fill(server.port, fewer, { valueBytes: 4096, prefix: 'large:' });
  await fill(server.port, fewer, { valueBytes: VALUE_BYTES, prefix: TAGGED });
  const value = 'x'.repeat(VALUE_BYTES);
  const size = await server.call('DBSIZE');
  const read = await server.text('GET', keyName(keys - 1));
  const both = await server.text('MGET', keyName(0, TAGGED), keyName(fewer - 1, TAGGED));
  if (size !== keys + 3 * fewer || read !== value || both !== `${value},${value}`) {
    throw new Error(`${server.kind.name} holds ${size} keys, GET says ${read}, MGET ${both}`);
  }
}

async function compare(
  pair: Pair,
  load: Load,
  { rounds, keys, requests }: { rounds: number; keys: number; requests: number },
): Promise<TableRow> {
  const samples = new Map<ServerProcess, Sample[]>(pair.map((server) => [server, []]));
  const { what, words, pipeline } = load;
  // The first round warms up both (compiler, caches) and does not count.
  for (let round = -1; round < rounds; round++) {
    for (const server of round % 2 === 0 ? pair : [...pair].reverse()) {
      const options = { words, pipeline, requests, keys, connections: CONNECTIONS };
      const sample = await benchmark(server, options);
      if (round >= 0) samples.get(server)?.push(sample);
    }
  }
  const of = (server: ServerProcess, field: keyof Sample): number =>
    median((samples.get(server) ?? []).map((sample) => sample[field]));
  const [ours, theirs] = pair;
  const [cpuOurs, cpuTheirs] = [of(ours, 'cpuUs'), of(theirs, 'cpuUs')];
  const [rateOurs, rateTheirs] = [of(ours, 'perSecond'), of(theirs, 'perSecond')];
  return {
    command: what,
    pipeline,
    'requests/s': Math.round(rateOurs),
    'redis-server': Math.round(rateTheirs),
    ratio: `${(rateOurs / rateTheirs).toFixed(2)}x`,
    'CPU us/command': cpuOurs.toFixed(2),
    'redis-server CPU': cpuTheirs.toFixed(2),
    'CPU ratio': `${(cpuOurs / cpuTheirs).toFixed(2)}x`,
  };
}
