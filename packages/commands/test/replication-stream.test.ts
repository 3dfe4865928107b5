// What goes to replicas, against the stream of the real redis-server, command by command and byte by byte.

import { CommandDecoder, encodeCommand } from '@slotmesh/resp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  describeWithRedis,
  type RedisServer,
  startRedis,
} from '../../../scripts/testing/real-redis.ts';
import { grownCommands, grownTransactions, lines, numbersFrom } from './support/corpus.ts';
import { RealStream, type StreamStep } from './support/real-stream.ts';
import { STREAM_LINES } from './support/stream-lines.ts';
import { TestNode } from './support/test-node.ts';
import { type StreamCommand, TestReplication } from './support/test-replication.ts';
import { realReplies, type TestCommand } from './support/transcript.ts';

const CLIENTS = 3;
const SEEDS = 6;
const STEPS = 400;
/** Two servers do not look at their clocks at the same time. */
const TOLERANCE_MS = 60_000;

/** A node that has executed the commands of clients, and what it fed its replicas meanwhile. */
function ourPrimary(steps: readonly StreamStep[]): {
  node: TestNode;
  replication: TestReplication;
  stream: StreamCommand[];
} {
  const replication = new TestReplication();
  const node = new TestNode({ replication, debug: 'yes' });
  node.nowMs = Date.now();
  replication.feed.isActive = true;
  const clients = Array.from({ length: CLIENTS }, () => node.connect());
  for (const { client, commands } of steps) {
    for (const command of commands) clients[client].run(...command);
  }
  return { node, replication, stream: replication.stream };
}

/** A node that has executed a stream. */
function ourReplica(stream: readonly StreamCommand[]): TestNode {
  const replication = new TestReplication();
  replication.role = 'replica';
  const node = new TestNode({ replication, debug: 'yes' });
  node.nowMs = Date.now();
  const { session } = node.connect({ isPrimaryLink: true });
  const decoder = new CommandDecoder();
  let selected = -1;
  for (const { database, words } of stream) {
    if (database >= 0 && database !== selected) {
      selected = database;
      decoder.push(encodeCommand(['SELECT', String(database)]));
    }
    decoder.push(encodeCommand(words.map((word) => Buffer.from(word, 'latin1'))));
  }
  while (decoder.next()) node.processor.executeFromPrimary(session, decoder);
  expect(replication.calls).toEqual([]);
  return node;
}

const digestOf = (node: TestNode): string => node.connect().run('DEBUG', 'DIGEST');

/** The place of a time that may have been a time to live, -1 = there is none. */
function timePlace(words: readonly string[]): number {
  if (words[0] === 'PEXPIREAT') return 2;
  return words[3] === 'PXAT' ? 4 : -1;
}

/** Ours with the times of the real server, where they mean the same. */
function withTimesOf(ours: StreamCommand, theirs: StreamCommand | undefined): StreamCommand {
  const at = timePlace(ours.words);
  if (theirs === undefined || at < 0 || timePlace(theirs.words) !== at) return ours;
  const [our, their] = [ours.words[at], theirs.words[at]];
  // Of numbers beyond 2^53 the last digits are lost.
  const isNear =
    Math.abs(Number(our) - Number(their)) <= Math.max(TOLERANCE_MS, Number(our) / 2 ** 52);
  return isNear ? { ...ours, words: ours.words.map((word, i) => (i === at ? their : word)) } : ours;
}

function line({ database, words }: StreamCommand): string {
  return `${database < 0 ? '' : `${database} `}${JSON.stringify(words)}`;
}

/**
 * BITFIELD that makes a string longer and then writes nothing, for every number overflows: the real server tells its
 * replicas nothing, and they lack the key. We tell them.
 */
function growsInVain(text: string): boolean {
  return /^bitfield .*fail/i.test(text);
}

/** The same time to live twice, with GT: whether the second ends later is a matter of a millisecond. */
function isRace(text: string): boolean {
  return /^p?expire .* gt( |$)/i.test(text);
}

/** Which keys have expired when nobody names them is a matter of chance, or of the order of a hash table. */
function isOrdered(command: TestCommand): boolean {
  const text = command.map((word) => Buffer.from(word).toString('latin1')).join(' ');
  const isChance = /^(scan|randomkey|debug|shutdown|config|client)( |$)/i.test(text);
  return !isChance && !growsInVain(text) && !isRace(text);
}

function inSteps(seed: number, commands: readonly TestCommand[]): StreamStep[] {
  const below = numbersFrom(seed);
  const steps: StreamStep[] = [];
  for (let at = 0; at < commands.length; ) {
    const count = 1 + below(3);
    steps.push({ client: below(CLIENTS), commands: commands.slice(at, at + count) });
    at += count;
  }
  return steps;
}

describeWithRedis('the replication stream', () => {
  let server: RedisServer;
  let stream: RealStream;
  beforeAll(async () => {
    server = await startRedis([
      ...['--enable-debug-command', 'yes', '--repl-diskless-sync', 'no'],
      ...['--repl-ping-replica-period', '3600'],
    ]);
    stream = await RealStream.attach(server.port);
    // Keys whose time is over go when somebody meets them, so that both servers delete them at the same command.
    await stream.of(1, [{ client: 0, commands: [['DEBUG', 'SET-ACTIVE-EXPIRE', '0']] }]);
  });
  afterAll(async () => {
    stream.close();
    await server.stop();
  });

  async function compare(steps: readonly StreamStep[]): Promise<void> {
    const all: StreamStep[] = [{ client: 0, commands: [['FLUSHALL']] }, ...steps];
    const real = await stream.of(CLIENTS, all);
    const theirs = real.map(line);
    const [digest] = await realReplies(server.port, [['DEBUG', 'DIGEST']]);
    const primary = ourPrimary(all);
    const ours = primary.stream.map((command, i) => line(withTimesOf(command, real[i])));
    const at = ours.findIndex((text, i) => text !== theirs[i]);
    const from = Math.max(0, (at < 0 ? Math.min(ours.length, theirs.length) : at) - 3);
    expect(ours.slice(from, from + 8)).toEqual(theirs.slice(from, from + 8));
    expect(ours.length).toBe(theirs.length);
    // Whoever executes a stream, its own or the other's, has what the primary has.
    expect(digestOf(primary.node)).toBe(digest);
    expect(digestOf(ourReplica(real))).toBe(digest);
    expect(digestOf(ourReplica(primary.stream))).toBe(digest);
  }

  for (const [family, text] of Object.entries(STREAM_LINES)) {
    test(family, () => compare([{ client: 0, commands: lines(text) }]));
  }

  test('keys that expire or are evicted outside of a command go one by one', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `soon:${i}`);
    const sets: TestCommand[] = names.map((name) => ['SET', name, 'x', 'PXAT', '1']);
    const deleted = (stream: readonly StreamCommand[]): string[] => stream.map(line).sort();
    const expected = names.map((name) => `0 ${JSON.stringify(['DEL', name])}`).sort();

    await stream.of(1, [{ client: 0, commands: [['FLUSHALL'], ...sets] }]);
    await realReplies(server.port, [['DEBUG', 'SET-ACTIVE-EXPIRE', '1']]);
    let size = '';
    while (size !== ':0\r\n') [size] = await realReplies(server.port, [['DBSIZE']]);
    expect(deleted(await stream.of(1, []))).toEqual(expected);
    const { node, replication } = ourPrimary([{ client: 0, commands: sets }]);
    replication.stream.length = 0;
    node.keyspace.expireCycle(node.nowMs, 1000);
    expect(deleted(replication.stream)).toEqual(expected);

    const values: TestCommand[] = names.map((name) => ['SET', name, 'x'.repeat(10_000)]);
    await stream.of(1, [{ client: 0, commands: values }]);
    const evict: TestCommand[] = [
      ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random', 'maxmemory', '100'],
      ['PUBLISH', 'some', 'command'],
      ['CONFIG', 'SET', 'maxmemory', '0'],
      ['DEBUG', 'SET-ACTIVE-EXPIRE', '0'],
    ];
    const evicted = await stream.of(1, [{ client: 0, commands: evict }]);
    expect(evicted.at(-1)?.words).toEqual(['PUBLISH', 'some', 'command']);
    expect(deleted(evicted.slice(0, -1))).toEqual(expected);
  });

  test('grown commands of several clients', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      await compare(inSteps(seed, grownCommands(seed, STEPS * 2).filter(isOrdered)));
    }
  });

  test('transactions', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const commands = grownTransactions(seed, STEPS / 2).filter(isOrdered);
      await compare([{ client: 0, commands }]);
    }
  });
});
