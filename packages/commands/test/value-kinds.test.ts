// Commands on keys that hold no string. No command can make such a key yet, so they are put into the keyspace; the real
// redis-server says what is to be answered.

import { type DetachedValue, NO_EXPIRY, ValueKind } from '@slotmesh/keyspace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  describeWithRedis,
  type RedisServer,
  startRedis,
} from '../../../scripts/testing/real-redis.ts';
import { BYTE_SET } from '../../keyspace/test/support/byte-set.ts';
import { lines } from './support/corpus.ts';
import { TestNode } from './support/test-node.ts';
import { differences, ourReplies, realReplies, type TestCommand } from './support/transcript.ts';

const MEMBERS = ['one', 'two', 'three'];
/** `set` is a structure, `hash` compact bytes. */
const SETUP: readonly TestCommand[] = [
  ['FLUSHALL'],
  ['SADD', 'set', ...MEMBERS],
  ['HSET', 'hash', 'field', 'value'],
  ['SET', 'str', 'abc'],
];

function nodeWithKinds(): TestNode {
  const node = new TestNode();
  node.nowMs = Date.now();
  const [database] = node.keyspace.databases;
  const set = BYTE_SET.unpack(new Uint8Array(0), 0, 0);
  for (const member of MEMBERS) set.add(Buffer.from(member));
  database.setStructure(0, Buffer.from('set'), 0, 3, set, NO_EXPIRY);
  const bytes = Buffer.from('hash field value');
  database.setCompact(0, bytes, 0, 4, ValueKind.hash, bytes, 5, bytes.length, NO_EXPIRY);
  node.connect().run('SET', 'str', 'abc');
  return node;
}

const STRING_COMMANDS = `
  GET K; MGET K str missing; GETRANGE K x y; GETRANGE K 0 1; SUBSTR K 0 1; STRLEN K; APPEND K a
  SETRANGE K -1 a; SETRANGE K 0 a; SETRANGE K 0 ""; SETRANGE K 999999999999 a
  INCR K; DECR K; INCRBY K x; INCRBY K 1; INCRBYFLOAT K x; INCRBYFLOAT K 1
  SET K v GET; SET K v NX GET; SET K v XX GET KEEPTTL; SET K v NX; GETSET K v; GETDEL K
  GETEX K; GETEX K EX 0; GETEX K EX 10 foo; GETEX K PERSIST; SETNX K v; MSETNX K v q w
  SETBIT K x 1; SETBIT K 0 5; SETBIT K 0 1; GETBIT K x; GETBIT K 0
  BITCOUNT K; BITCOUNT K x y; BITCOUNT K 1; BITPOS K x; BITPOS K 2; BITPOS K 1 x; BITPOS K 1
  BITOP AND d str K; BITOP OR d K str; BITOP NOT d K; BITOP NOT d K str; EXISTS d
  BITFIELD K GET u8 0; BITFIELD K SET u8 0 1; BITFIELD K GET x 0; BITFIELD_RO K GET u8 0
  LCS K str; LCS str K IDX LEN; LCS str K FOO; TYPE K`;

const KEY_COMMANDS = `
  TYPE K; EXISTS K; TTL K; OBJECT ENCODING K; OBJECT REFCOUNT K; OBJECT FREQ K; TOUCH K; EXPIRE K 100
  TTL K; COPY K copy; TYPE copy; TTL copy; OBJECT ENCODING copy; PERSIST copy; COPY K str; COPY K str REPLACE
  TYPE str; RENAME K other; TYPE K; TYPE other; OBJECT ENCODING other; TTL other; RENAMENX other str
  RENAMENX other K; TYPE K; MOVE K 1; TYPE K; SELECT 1; TYPE K; TTL K; SCAN 0 TYPE string; SELECT 0
  UNLINK copy; EXISTS copy; DEL str; DBSIZE; SET K now; GET K; SET K again; TYPE K; FLUSHALL; DBSIZE`;

function commandsOn(key: string, text: string): TestCommand[] {
  return lines(text.replaceAll(/\bK\b/g, key).replaceAll(/; |;$/gm, '\n'));
}

describeWithRedis('commands on keys that hold no string', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  for (const key of ['set', 'hash']) {
    for (const [name, text] of Object.entries({ STRING_COMMANDS, KEY_COMMANDS })) {
      test(`${name.toLowerCase().replace('_', ' ')} on a ${key}`, async () => {
        const commands = commandsOn(key, text);
        expect(commands.length).toBeGreaterThan(30);
        const theirs = await realReplies(server.port, [...SETUP, ...commands]);
        const ours = ourReplies(nodeWithKinds(), commands);
        expect(differences(commands, ours, theirs.slice(SETUP.length)).join('\n')).toBe('');
      });
    }
  }
});

describe('a key that holds no string', () => {
  test('is not changed by a command that is refused', () => {
    for (const key of ['set', 'hash']) {
      const node = nodeWithKinds();
      const client = node.connect();
      const { changeCount } = node.keyspace;
      for (const command of commandsOn(key, STRING_COMMANDS)) {
        const reply = client.run(...command);
        if (reply.startsWith('-WRONGTYPE')) expect(node.keyspace.changeCount).toBe(changeCount);
      }
      expect(client.run('TYPE', key)).toBe(`+${key}\r\n`);
    }
  });

  test('costs what its parts cost, and is found by SCAN', () => {
    const node = nodeWithKinds();
    const client = node.connect();
    const usage = Number(client.run('MEMORY', 'USAGE', 'set').slice(1));
    expect(usage).toBeGreaterThan(100 + 3 * 50);
    expect(client.run('SCAN', '0', 'TYPE', 'hash')).toContain('hash');
    expect(client.run('SCAN', '0', 'TYPE', 'zset')).toContain('*0');
  });
});

test('a value that finds no room under its new name keeps its old one', () => {
  const node = new TestNode();
  const client = node.connect();
  const large = 'x'.repeat(100_000);
  client.run('SET', 'a', large, 'EX', '100');
  const [database] = node.keyspace.databases;
  const { attach } = database;
  let isFull = true;
  database.attach = (slot, bytes, start, end, value: DetachedValue) => {
    if (isFull) {
      isFull = false;
      throw new RangeError('full');
    }
    attach.call(database, slot, bytes, start, end, value);
  };
  expect(() => client.run('RENAME', 'a', 'b')).toThrow('full');
  expect(client.run('GET', 'a')).toBe(`$100000\r\n${large}\r\n`);
  expect(client.run('TTL', 'a')).toBe(':100\r\n');
  expect(client.run('EXISTS', 'b')).toBe(':0\r\n');
});
