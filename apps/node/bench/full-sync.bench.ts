// An empty replica gets a million keys from its primary, which is written to meanwhile: how long it takes, what memory the
// primary takes for it beside the data set, and how long the longest command waits.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median, table } from '../../../scripts/bench-kit.ts';
import { clusterNodes } from '../test/interop/support/cluster-view.ts';
import { Fleet } from '../test/interop/support/fleet.ts';
import type { ServerProcess } from '../test/interop/support/server-process.ts';
import { eventually } from '../test/interop/support/wait.ts';
import { replicationState } from '../test/support/replicas/replication-state.ts';
import { type MemoryPeak, MemoryWatch } from './support/memory-watch.ts';
import { fill, keyName, open, SetBatch } from './support/pair.ts';
import { inTurn, REPLICATED, type Variant } from './support/replicated.ts';
import type { Stalls, Target } from './support/stall-probe.ts';

const VALUE_BYTES = 64;
const ROUNDS = 3;
/** Writes of the load: so many at once, so often. 5000/s. */
const BATCH = 50;
const BATCHES_PER_SECOND = 100;
const SYNC_TIMEOUT_MS = 300_000;
const MIB = 2 ** 20;

interface Sample extends MemoryPeak, Stalls {
  readonly seconds: number;
  readonly writes: number;
}

export async function run({
  quick,
  variants = REPLICATED,
}: {
  quick: boolean;
  variants?: readonly Variant[];
}): Promise<void> {
  const keys = quick ? 2000 : 1_000_000;
  const rounds = quick ? 1 : ROUNDS;
  const samples = new Map<Variant, Sample[]>(variants.map((variant) => [variant, []]));
  for (let round = 0; round < rounds; round++) {
    for (const variant of inTurn(variants, round)) {
      samples.get(variant)?.push(await measure(variant, keys));
    }
  }
  console.log(
    `full synchronisation of ${keys} keys of ${VALUE_BYTES} B under ${BATCH * BATCHES_PER_SECOND} writes/s, medians of ${rounds}`,
  );
  table(
    variants.map((variant) => {
      const of = (field: keyof Sample, unit = 1): number =>
        median((samples.get(variant) ?? []).map((sample) => sample[field])) / unit;
      return {
        server: variant.name,
        seconds: of('seconds').toFixed(2),
        'primary MiB': of('ownBytes', MIB).toFixed(1),
        'its child MiB': of('forkedBytes', MIB).toFixed(1),
        'both MiB': of('bothBytes', MIB).toFixed(1),
        'GET ms, longest': of('longestMs').toFixed(1),
        'p99.9': of('p999Ms').toFixed(2),
        'own ms, longest': of('ownLongestMs').toFixed(1),
        'own p99.9': of('ownP999Ms').toFixed(2),
        writes: of('writes').toFixed(0),
      };
    }),
  );
}

async function measure({ kind, args }: Variant, keys: number): Promise<Sample> {
  const fleet = new Fleet();
  let probe: ChildProcess | null = null;
  try {
    const [primary, replica] = await fleet.start(
      [kind, kind],
      // Enough room for what is written meanwhile, and no waiting for further replicas.
      [
        ...['--repl-diskless-sync-delay', '0', '--enable-debug-command', 'yes'],
        ...['--client-output-buffer-limit', ...['replica', '0', '0', '0'], ...args],
      ],
    );
    await join(primary, replica);
    await fill(primary.port, keys, { valueBytes: VALUE_BYTES });
    probe = await startProbe({ port: primary.port, pid: primary.pid });
    const load = new PacedLoad(primary.port, keys);
    await load.start();
    const memory = new MemoryWatch(primary.pid);
    const startMs = performance.now();
    await replica.call('CLUSTER', 'REPLICATE', await primary.text('CLUSTER', 'MYID'));
    await eventually(
      'the replica is in sync',
      async () => {
        const { role, linkUp } = await replicationState(replica);
        if (role !== 'replica' || !linkUp) throw new Error('it is not');
      },
      { timeoutMs: SYNC_TIMEOUT_MS, intervalMs: 10 },
    );
    const seconds = (performance.now() - startMs) / 1000;
    const peak = memory.stop();
    probe.send('longest');
    const [stalls] = (await once(probe, 'message')) as [Stalls];
    const writes = await load.stop();
    await assertEqual(primary, replica);
    return { seconds, writes, ...peak, ...stalls };
  } finally {
    if (probe?.connected) probe.disconnect();
    await fleet.dispose();
  }
}

async function join(primary: ServerProcess, replica: ServerProcess): Promise<void> {
  await primary.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
  await replica.call('CLUSTER', 'MEET', '127.0.0.1', primary.port);
  await eventually('both know each other and serve', async () => {
    for (const server of [primary, replica]) {
      const nodes = await clusterNodes(server);
      const known = nodes.filter(({ flags }) => !flags.includes('handshake'));
      if (known.length !== 2) throw new Error(`${server.address} knows ${known.length}`);
    }
    await primary.call('SET', keyName(0), 'x');
  });
}

async function startProbe(target: Target): Promise<ChildProcess> {
  const register = new URL('../../../scripts/lib/register-ts.mjs', import.meta.url).href;
  const file = fileURLToPath(new URL('./support/stall-probe.ts', import.meta.url));
  const probe = fork(file, [], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', register],
  });
  probe.send(target);
  await once(probe, 'message');
  return probe;
}

/** Overwrites keys all over the data set, so many a second, whatever the answers take. */
class PacedLoad {
  readonly #port: number;
  readonly #keys: number;
  #sent = 0;
  #answeredBytes = 0;
  #refusal = '';
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(port: number, keys: number) {
    this.#port = port;
    this.#keys = keys;
  }

  async start(): Promise<void> {
    const socket = await open(this.#port);
    socket.on('data', (chunk) => {
      if (chunk.includes('-')) this.#refusal ||= chunk.toString('latin1');
      this.#answeredBytes += chunk.length;
    });
    const batch = new SetBatch(BATCH, VALUE_BYTES);
    const step = Math.max(1, Math.floor(this.#keys / BATCH));
    this.#running = (async () => {
      const startMs = performance.now();
      for (let n = 0; !this.#stopping; n++) {
        const dueMs = startMs + (n * 1000) / BATCHES_PER_SECOND;
        await delay(Math.max(0, dueMs - performance.now()));
        // Each batch touches keys that lie far apart, and no two batches soon after each other the same ones.
        socket.write(batch.from((n * 7919) % step, step));
        this.#sent += BATCH;
      }
      await eventually('all writes are answered', () => {
        const answered = this.#answeredBytes / '+OK\r\n'.length;
        if (answered !== this.#sent) throw new Error(`${answered} of ${this.#sent}`);
      });
      socket.destroy();
    })();
    this.#running.catch(() => undefined); // `stop` tells it
  }

  /** How many writes were acknowledged; throws where one was not. */
  async stop(): Promise<number> {
    this.#stopping = true;
    await this.#running.catch((error) => {
      throw this.#refusal === '' ? error : new Error(`a write was answered by ${this.#refusal}`);
    });
    return this.#sent;
  }
}

/** The bench means nothing unless the copy is one. */
async function assertEqual(primary: ServerProcess, replica: ServerProcess): Promise<void> {
  await eventually('the replica has carried out all', async () => {
    const [a, b] = [await replicationState(primary), await replicationState(replica)];
    if (a.offset !== b.offset) throw new Error(`${b.offset} of ${a.offset}`);
  });
  const [a, b] = await Promise.all(
    [primary, replica].map((server) => server.text('DEBUG', 'DIGEST')),
  );
  if (a !== b) throw new Error(`the digests differ: ${a} and ${b}`);
}
