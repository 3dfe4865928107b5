// One command in the process, from its bytes to its reply: decoder, processor, keyspace, writer. No sockets, so this is the
// part of a node's cost that is ours to lower; the peer is what it cannot get below, decoding the command alone.

import { type Arguments, CommandDecoder, encodeCommand, ReplyWriter } from '@slotmesh/resp';
import { formatNs, interleave, table } from '../../../scripts/bench-kit.ts';
import { type CommandProcessor, Session } from '../src/index.ts';
import { testCluster } from '../test/support/cluster-node.ts';
import { TestNode } from '../test/support/test-node.ts';
import { TestReplication } from '../test/support/test-replication.ts';

const PIPELINE = 100;

function session(): Session {
  return new Session({
    id: 1,
    address: '127.0.0.1:1',
    localAddress: '127.0.0.1:2',
    isLocal: true,
    isUnixSocket: false,
    isTls: false,
    nowMs: 0,
    authenticated: true,
    reply: new ReplyWriter(),
    transport: {
      wake() {},
      flush() {},
      close() {},
      setReading() {},
      inputBytes: 0,
      outputBytes: 0,
      descriptor: -1,
    },
  });
}

/** Chunks of `PIPELINE` commands each, over `keys` keys. */
function chunks(count: number, keys: number, command: (key: string) => string[]): Uint8Array[] {
  return Array.from({ length: count / PIPELINE }, (_, chunk) =>
    Buffer.concat(
      Array.from({ length: PIPELINE }, (_, i) => {
        const n = Math.imul(chunk * PIPELINE + i, 0x9e3779b1) >>> 0;
        return encodeCommand(command(`key:${String(n % keys).padStart(12, '0')}`));
      }),
    ),
  );
}

function execute(processor: CommandProcessor, client: Session, input: Uint8Array[]): number {
  const decoder = new CommandDecoder();
  let written = 0;
  for (const chunk of input) {
    decoder.push(chunk);
    while (processor.readBatch(client, decoder, false)) {
      const { commands, size } = processor.batch;
      for (let i = 0; i < size; i++) processor.executePending(client, commands[i]);
    }
    written += client.reply.take().length;
  }
  return written;
}

function decodeOnly(input: Uint8Array[]): number {
  const decoder = new CommandDecoder();
  let count = 0;
  for (const chunk of input) {
    decoder.push(chunk);
    while (decoder.next()) count += decoder.count;
  }
  return count;
}

/** A node with a replica that takes every change: its bytes are copied, as into a backlog. */
function fedNode(): TestNode {
  const replication = new TestReplication();
  const backlog = new Uint8Array(1 << 20);
  let at = 0;
  Object.assign(replication.feed, {
    isActive: true,
    command: (_database: number, { count, buffer, starts, ends }: Arguments) => {
      for (let i = 0; i < count; i++) {
        const length = ends[i] - starts[i];
        if (at + length > backlog.length) at = 0;
        copyBytesTo(backlog, at, buffer, starts[i], ends[i]);
        at += length;
      }
      replication.offset += count;
    },
  });
  return new TestNode({ replication });
}

function copyBytesTo(
  to: Uint8Array,
  at: number,
  from: Uint8Array,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) to[at + i - start] = from[i];
}

export async function run(options: { quick: boolean }): Promise<void> {
  const count = options.quick ? PIPELINE : 100_000;
  // Few keys: what memory costs when they are many is the keyspace's bench.
  const keys = options.quick ? 50 : 1000;
  const sets = chunks(count, keys, (key) => ['SET', key, 'v'.repeat(64)]);
  const gets = chunks(count, keys, (key) => ['GET', key]);

  const alone = new TestNode().processor;
  const cluster = testCluster();
  cluster.node.connect().run('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  cluster.settle(3000);
  cluster.settle(3000);
  const inCluster = cluster.node.processor;
  const fed = fedNode().processor;
  const client = session();
  for (const processor of [alone, inCluster, fed]) {
    if (execute(processor, client, sets) !== count * '+OK\r\n'.length)
      throw new Error('SET failed');
    if (execute(processor, client, gets) !== count * '$64\r\n\r\n'.length + count * 64) {
      throw new Error('GET failed');
    }
  }
  const measured = await interleave({
    rounds: options.quick ? 1 : 9,
    cases: [
      { name: 'GET', run: () => execute(alone, client, gets), operations: count },
      { name: 'GET in a cluster', run: () => execute(inCluster, client, gets), operations: count },
      { name: 'GET, decoding alone', run: () => decodeOnly(gets), operations: count },
      { name: 'SET', run: () => execute(alone, client, sets), operations: count },
      { name: 'SET in a cluster', run: () => execute(inCluster, client, sets), operations: count },
      { name: 'SET with a replica', run: () => execute(fed, client, sets), operations: count },
      { name: 'SET, decoding alone', run: () => decodeOnly(sets), operations: count },
    ],
  });
  table(
    measured.map(({ name, nsPerOperation, cpuNsPerOperation }) => ({
      command: name,
      time: formatNs(nsPerOperation),
      cpu: formatNs(cpuNsPerOperation),
      'per second': Math.round(1e9 / nsPerOperation).toLocaleString('en'),
    })),
  );
}
