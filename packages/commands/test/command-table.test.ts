// COMMAND INFO and COMMAND DOCS against the real server: the facts must be equal, the words of the docs are our own.

import { connect } from 'node:net';
import { encodeCommand, Push, type Reply, ReplyDecoder, ReplyError } from '@slotmesh/resp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  describeWithRedis,
  type RedisServer,
  startRedis,
} from '../../../scripts/testing/real-redis.ts';
import { COMMAND_TABLE } from '../src/table/index.ts';
import { TestNode } from './support/test-node.ts';
import type { TestCommand } from './support/transcript.ts';

/** Later than 7.0.15, so that it does not know them. */
const LATER = new Set([
  'client|setinfo',
  'client|no-touch',
  'cluster|myshardid',
  'cluster|slot-stats',
  'cluster|flushslot',
]);
/** Fields of COMMAND DOCS that hold sentences. */
const PROSE = new Set(['summary', 'complexity', 'history']);

/** A reply as plain data: maps and sets in the order of their text, so that order does not count. */
function plain(reply: Reply): unknown {
  if (reply instanceof Map) {
    const entries = [...reply].map(([name, value]) => [plain(name), plain(value)]);
    return { map: entries.filter(([name]) => !isDropped(name)).sort(byText) };
  }
  if (reply instanceof Set) return { set: [...reply].map(plain).sort(byText) };
  if (Array.isArray(reply)) {
    const items = reply.map(plain);
    // Subcommands are listed in the order of a hash table.
    return items.every(isCommandEntry)
      ? items.filter((item) => !isDropped(item[0])).sort(byText)
      : items;
  }
  if (reply instanceof Uint8Array) return Buffer.from(reply).toString('latin1');
  if (reply instanceof ReplyError || reply instanceof Push) throw new Error('unexpected reply');
  return reply;
}

function isDropped(name: unknown): boolean {
  return typeof name === 'string' && (PROSE.has(name) || LATER.has(name));
}

function isCommandEntry(item: unknown): item is [string] {
  return Array.isArray(item) && item.length === 10 && typeof item[0] === 'string';
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function decoded(bytes: Uint8Array): Reply[] {
  const decoder = new ReplyDecoder();
  decoder.push(bytes);
  const replies: Reply[] = [];
  for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) replies.push(reply);
  return replies;
}

describeWithRedis('the command table', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  function theirs(command: TestCommand): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1');
      const decoder = new ReplyDecoder();
      let seen = 0;
      socket.on('data', (chunk) => {
        decoder.push(chunk);
        for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
          if (++seen < 2) continue;
          socket.destroy();
          resolve(reply);
        }
      });
      socket.once('error', reject);
      socket.write(encodeCommand(['HELLO', '3']));
      socket.write(encodeCommand(command));
    });
  }

  function ours(command: TestCommand): Reply {
    const client = new TestNode().connect();
    client.run('HELLO', '3');
    const [reply] = decoded(Buffer.from(client.run(...command), 'latin1'));
    return reply;
  }

  const names = COMMAND_TABLE.all
    .map(({ fullName }) => fullName)
    .filter((name) => !LATER.has(name));

  test('gives the facts of the real COMMAND INFO', async () => {
    expect(names.length).toBeGreaterThan(80);
    for (const name of names) {
      const command = ['COMMAND', 'INFO', name];
      expect(plain(ours(command)), name).toEqual(plain(await theirs(command)));
    }
  });

  test('gives the structure of the real COMMAND DOCS', async () => {
    for (const name of names) {
      const command = ['COMMAND', 'DOCS', name];
      expect(plain(ours(command)), name).toEqual(plain(await theirs(command)));
    }
  });
});

test('every row has words, and something that carries it out', () => {
  for (const { fullName, spec, run } of COMMAND_TABLE.all) {
    expect(spec.summary, fullName).toMatch(/^[A-Z].*[^.]$/);
    expect(run !== null || spec.subcommands !== undefined, fullName).toBe(true);
  }
});

test('COMMAND without arguments, COUNT and LIST agree', () => {
  const client = new TestNode().connect();
  const [all] = decoded(Buffer.from(client.run('COMMAND'), 'latin1'));
  expect(all).toHaveLength(COMMAND_TABLE.index.commands.length);
  expect(client.run('COMMAND', 'COUNT')).toBe(`:${COMMAND_TABLE.index.commands.length}\r\n`);
  const [list] = decoded(Buffer.from(client.run('COMMAND', 'LIST'), 'latin1'));
  expect((list as Reply[]).map(plain).sort()).toEqual(
    COMMAND_TABLE.all.map(({ fullName }) => fullName).sort(),
  );
  const [admin] = decoded(
    Buffer.from(client.run('COMMAND', 'LIST', 'FILTERBY', 'ACLCAT', 'ADMIN'), 'latin1'),
  );
  expect((admin as Reply[]).map(plain)).toContain('client|kill');
  expect((admin as Reply[]).map(plain)).not.toContain('get');
});
