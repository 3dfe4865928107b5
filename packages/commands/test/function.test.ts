// FUNCTION on a server without functions: an empty set of libraries, in the bytes of the real server's own empty set.

import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  describeWithRedis,
  type RedisServer,
  startRedis,
} from '../../../scripts/testing/real-redis.ts';
import { lines } from './support/corpus.ts';
import { TestNode } from './support/test-node.ts';
import { differences, ourReplies, realReplies, type TestCommand } from './support/transcript.ts';

const EMPTY_DUMP = Uint8Array.of(0x0a, 0, 0x5d, 0x9b, 0x5c, 0x40, 0x0f, 0x7f, 0xa2, 0xda);
const WRONG_CHECKSUM = EMPTY_DUMP.map((byte, i) => (i === 9 ? byte ^ 1 : byte));

const FORMS = `
  FUNCTION
  FUNCTION FOO
  FUNCTION DUMP
  FUNCTION DUMP x
  FUNCTION LIST
  FUNCTION LIST x
  FUNCTION LIST LIBRARYNAME
  FUNCTION LIST LIBRARYNAME *
  FUNCTION LIST withcode libraryname a
  FUNCTION LIST WITHCODE WITHCODE
  FUNCTION LIST LIBRARYNAME a LIBRARYNAME b
  FUNCTION FLUSH
  FUNCTION FLUSH ASYNC
  FUNCTION FLUSH sync
  FUNCTION FLUSH FOO
  FUNCTION FLUSH SYNC ASYNC
  FUNCTION RESTORE
  FUNCTION RESTORE x
  FUNCTION RESTORE ''
  FUNCTION RESTORE x FOO
  FUNCTION RESTORE x FLUSH
  FUNCTION RESTORE x FLUSH y
  FUNCTION DELETE
  FUNCTION DELETE mine
  FUNCTION KILL
  FUNCTION KILL x
  FUNCTION STATS x
  FUNCTION LOAD
  FUNCTION LOAD x
  FUNCTION LOAD #!
  FUNCTION LOAD #!lua
  FUNCTION LOAD x y
  FUNCTION LOAD REPLACE
  FUNCTION LOAD replace x y
  FUNCTION LOAD replace replace
`;
const LIBRARIES = [
  '#!lua\n',
  '#!foo name=a\n',
  '#!foo name=a b\n',
  '#!foo nam=a\n',
  '#! name=a\n',
  '#!foo NAME=\n',
  '#!foo name=a name=b\n',
  '#!foo name=a-b\n',
];

describeWithRedis('FUNCTION', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  test.each([2, 3])('answers as redis-server without libraries does, RESP%i', async (protocol) => {
    const commands: TestCommand[] = [
      ['HELLO', String(protocol)],
      ...lines(FORMS),
      ['FUNCTION', 'RESTORE', EMPTY_DUMP],
      ...['FLUSH', 'append', 'REPLACE'].map((how) => ['FUNCTION', 'RESTORE', EMPTY_DUMP, how]),
      ['FUNCTION', 'RESTORE', WRONG_CHECKSUM],
      ...LIBRARIES.map((code) => ['FUNCTION', 'LOAD', 'REPLACE', code]),
    ];
    const theirs = await realReplies(server.port, commands);
    const found = differences(commands, ourReplies(new TestNode(), commands), theirs);
    expect(found.join('\n')).toBe('');
  });

  test('refuses libraries that it could not run', async () => {
    const library = '#!lua name=mine\nredis.register_function("f", function() return 1 end)';
    const [, dump] = await realReplies(server.port, [
      ['FUNCTION', 'LOAD', library],
      ['FUNCTION', 'DUMP'],
    ]);
    const bytes = Uint8Array.from(dump.slice(dump.indexOf('\n') + 1, -2), (c) => c.charCodeAt(0));
    const [reply] = ourReplies(new TestNode(), [['FUNCTION', 'RESTORE', bytes]]);
    expect(reply).toBe('-ERR this server runs no functions, and the payload holds some\r\n');
  });
});
