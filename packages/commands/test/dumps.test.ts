// DUMP, RESTORE and RESTORE-ASKING against redis-server, and what they do here alone.

import { ValueKind } from '@slotmesh/keyspace';
import { Crc64, dumpPayload, parseDumpPayload } from '@slotmesh/rdb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  describeWithRedis,
  type RedisServer,
  startRedis,
} from '../../../scripts/testing/real-redis.ts';
import { TestNode } from './support/test-node.ts';
import { differences, ourReplies, realReplies, type TestCommand } from './support/transcript.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const stringOf = (text: string): Uint8Array => {
  const value = bytes(text);
  return dumpPayload({ type: 'string', bytes: value, start: 0, end: value.length });
};

/** Any bytes with a version and a checksum that is right. */
function payloadOf(body: readonly number[], version = 10): Uint8Array {
  const payload = Uint8Array.from([...body, version, 0, ...new Uint8Array(8)]);
  const crc = new Crc64();
  crc.update(payload, 0, payload.length - 8);
  crc.writeTo(payload, payload.length - 8);
  return payload;
}

const GOOD = stringOf('good');
const BAD_CHECKSUM = GOOD.slice();
BAD_CHECKSUM[BAD_CHECKSUM.length - 1] ^= 1;

/** Times that are far enough away for both servers. */
const SOON = String(Date.now() + 1_000_000_000);

const COMMANDS: readonly TestCommand[] = [
  ...[
    '',
    'text',
    '0',
    '-1',
    '127',
    '128',
    '-129',
    '32768',
    '2147483648',
    '007',
    'x'.repeat(20),
  ].flatMap((text): TestCommand[] => [
    ['SET', 'k', text],
    ['DUMP', 'k'],
    ['RESTORE', 'copy', '0', stringOf(text), 'REPLACE'],
    ['GET', 'copy'],
  ]),
  ['DUMP', 'nothing'],
  ['DUMP'],
  ['DUMP', 'a', 'b'],
  ['RESTORE', 'k', '0'],
  ['RESTORE', 'k', '0', GOOD],
  ['RESTORE', 'k', '-1', GOOD],
  ['RESTORE', 'k', 'x', 'y'],
  ['RESTORE', 'k', 'x', GOOD, 'REPLACE'],
  ['RESTORE', 'k', '-1', GOOD, 'REPLACE'],
  ['RESTORE', 'k', '-1', 'y', 'REPLACE'],
  ['RESTORE', 'k', '0', '', 'REPLACE'],
  ['RESTORE', 'k', '0', 'short', 'REPLACE'],
  ['RESTORE', 'k', '0', 'not a payload at all', 'REPLACE'],
  ['RESTORE', 'k', '0', BAD_CHECKSUM, 'REPLACE'],
  ['RESTORE', 'k', '0', payloadOf([0, 1, 0x61], 80), 'REPLACE'],
  ['RESTORE', 'k', '0', payloadOf([0, 1, 0x61], 6), 'REPLACE'],
  ['RESTORE', 'k', '0', payloadOf([]), 'REPLACE'],
  ['RESTORE', 'k', '0', payloadOf([99, 1, 0x61]), 'REPLACE'],
  ['RESTORE', 'k', '0', payloadOf([0, 40, 0x61]), 'REPLACE'],
  ['RESTORE', 'k', '0', payloadOf([0, 0xc3, 1, 5, 0]), 'REPLACE'],
  ['RESTORE', 'k', '0', payloadOf([2, 0]), 'REPLACE'],
  ['RESTORE', 'k', '0', payloadOf([2, 2, 1, 0x61, 1, 0x61]), 'REPLACE'],
  ['RESTORE', 'k', '0', payloadOf([0, 0xc0, 5]), 'REPLACE'],
  ['GET', 'k'],
  ['RESTORE', 'k', '0', GOOD, 'replace', 'absttl', 'REPLACE', 'ABSTTL'],
  ['TTL', 'k'],
  ['RESTORE', 'k', '1', GOOD, 'ABSTTL', 'REPLACE'],
  ['EXISTS', 'k'],
  ['RESTORE', 'k', '1', GOOD, 'ABSTTL'],
  ['EXISTS', 'k'],
  ['RESTORE', 'k', SOON, GOOD, 'ABSTTL'],
  ['PEXPIRETIME', 'k'],
  ['RESTORE', 'k', '1000000', GOOD, 'REPLACE'],
  ['TTL', 'k'],
  ['RESTORE', 'k', '9223372036854775807', GOOD, 'REPLACE'],
  ['EXISTS', 'k'],
  ['RESTORE', 'k', '9223372036854775808', GOOD],
  ['RESTORE', 'k', '0', GOOD, 'IDLETIME', '100'],
  ['OBJECT', 'IDLETIME', 'k'],
  ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'IDLETIME', '0'],
  ['OBJECT', 'IDLETIME', 'k'],
  ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'IDLETIME', '-1'],
  ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'IDLETIME', 'x'],
  ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'IDLETIME'],
  ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'IDLETIME', '1', 'IDLETIME', '2'],
  ['OBJECT', 'IDLETIME', 'k'],
  ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'IDLETIME', '1', 'FREQ', '2'],
  ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'FREQ', '2', 'IDLETIME', '1'],
  ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'FREQ', '255'],
  ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'FREQ', '256'],
  ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'FREQ', '-1'],
  ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'FREQ', 'x'],
  ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'FREQ'],
  ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'foo'],
  ['RESTORE', 'k', '0', GOOD, 'foo'],
  ['RESTORE-ASKING', 'k', '0', GOOD],
  ['RESTORE-ASKING', 'k', '0', GOOD, 'REPLACE'],
  ['GET', 'k'],
  ['MULTI'],
  ['DUMP', 'k'],
  ['RESTORE', 'other', '0', GOOD],
  ['EXEC'],
];

describeWithRedis('replies of DUMP and RESTORE equal those of redis-server', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  for (const protocol of ['2', '3']) {
    test(`RESP${protocol}`, async () => {
      const commands: TestCommand[] = [['HELLO', protocol], ['FLUSHALL'], ...COMMANDS];
      const theirs = await realReplies(server.port, commands);
      const node = new TestNode();
      node.nowMs = Date.now();
      const ours = ourReplies(node, commands);
      expect(differences(commands.slice(1), ours.slice(1), theirs.slice(1)).join('\n')).toBe('');
    });
  }

  test('compressed payloads are taken there, and theirs here', async () => {
    const text = 'over and over and over again '.repeat(20);
    const [, theirs] = await realReplies(server.port, [
      ['SET', 'long', text],
      ['DUMP', 'long'],
    ]);
    const client = new TestNode().connect();
    client.run('SET', 'long', text);
    const ours = client.run('DUMP', 'long');
    const payload = (reply: string): Uint8Array => bytes(reply.slice(reply.indexOf('\n') + 1, -2));
    expect(payload(ours).length).toBeLessThan(text.length / 4);
    expect(client.run('RESTORE', 'theirs', '0', payload(theirs))).toBe('+OK\r\n');
    expect(client.run('GET', 'theirs')).toBe(`$${text.length}\r\n${text}\r\n`);
    const [restored, got] = await realReplies(server.port, [
      ['RESTORE', 'ours', '0', payload(ours)],
      ['GET', 'ours'],
    ]);
    expect(restored).toBe('+OK\r\n');
    expect(got).toBe(`$${text.length}\r\n${text}\r\n`);
  });
});

describe('DUMP and RESTORE here', () => {
  test('rdbcompression no makes plain payloads', () => {
    const node = new TestNode();
    node.config.set('rdbcompression', 'yes');
    const client = node.connect();
    const text = 'a'.repeat(1000);
    client.run('SET', 'k', text);
    expect(client.run('DUMP', 'k').length).toBeLessThan(60);
    client.run('CONFIG', 'SET', 'rdbcompression', 'no');
    expect(client.run('DUMP', 'k').length).toBeGreaterThan(1000);
  });

  test('access data are kept as the policy counts them', () => {
    const node = new TestNode();
    const client = node.connect();
    client.run('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu');
    client.run('RESTORE', 'k', '0', GOOD, 'FREQ', '200');
    expect(client.run('OBJECT', 'FREQ', 'k')).toBe(':200\r\n');
    client.run('RESTORE', 'k', '0', GOOD, 'REPLACE', 'IDLETIME', '200');
    expect(client.run('OBJECT', 'FREQ', 'k')).toBe(':5\r\n');
    client.run('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    client.run('RESTORE', 'k', '0', GOOD, 'REPLACE', 'IDLETIME', '9223372036854775807');
    expect(client.run('OBJECT', 'IDLETIME', 'k')).toBe(':16777214\r\n');
  });

  test('values of other types are refused by name, and nothing is changed', () => {
    const node = new TestNode();
    const client = node.connect();
    client.run('SET', 'k', 'v');
    const set = dumpPayload({ type: 'set', members: [bytes('a')] });
    expect(client.run('RESTORE', 'k', '0', set, 'REPLACE')).toBe(
      '-ERR RESTORE of a set is not possible: strings are the only type\r\n',
    );
    expect(client.run('GET', 'k')).toBe('$1\r\nv\r\n');
    const key = bytes('h');
    const [database] = node.keyspace.databases;
    database.setCompact(0, key, 0, 1, ValueKind.hash, bytes('xx'), 0, 2, -1);
    expect(client.run('DUMP', 'h')).toBe(
      '-ERR DUMP of a hash is not possible: strings are the only type\r\n',
    );
  });

  test('others hear of it as they do there', () => {
    const node = new TestNode();
    node.config.set('notify-keyspace-events', '');
    const client = node.connect();
    client.run('CONFIG', 'SET', 'notify-keyspace-events', 'EAn');
    const listener = node.connect();
    listener.run('PSUBSCRIBE', '__keyevent@0__:*');
    const heard = (): string[] =>
      [...listener.take().matchAll(/__keyevent@0__:(\w+)\r\n/g)].map(([, name]) => name);
    client.run('RESTORE', 'k', '0', GOOD);
    expect(heard()).toEqual(['new', 'restore']);
    client.run('RESTORE', 'k', '0', GOOD, 'REPLACE');
    expect(heard()).toEqual(['new', 'restore']);
    client.run('RESTORE', 'k', '1', GOOD, 'REPLACE', 'ABSTTL');
    expect(heard()).toEqual(['del']);
    client.run('RESTORE', 'k', '1', GOOD, 'REPLACE', 'ABSTTL');
    expect(heard()).toEqual([]);

    const watcher = node.connect();
    watcher.run('WATCH', 'k');
    client.run('RESTORE', 'k', '0', GOOD);
    watcher.run('MULTI');
    expect(watcher.run('EXEC')).toBe('*-1\r\n');
  });

  test('payloads of newer servers are taken', () => {
    const client = new TestNode().connect();
    expect(client.run('RESTORE', 'k', '0', payloadOf([0, 1, 0x61], 12))).toBe('+OK\r\n');
    expect(client.run('GET', 'k')).toBe('$1\r\na\r\n');
  });

  test('a payload comes back as the value that it was', () => {
    const client = new TestNode().connect();
    client.run('SET', 'k', 'value', 'EX', '100');
    const reply = client.run('DUMP', 'k');
    const { value, version } = parseDumpPayload(bytes(reply.slice(reply.indexOf('\n') + 1, -2)));
    expect(version).toBe(10);
    if (value.type !== 'string') throw new Error(value.type);
    expect(value.bytes.subarray(value.start, value.end)).toEqual(bytes('value'));
  });
});
