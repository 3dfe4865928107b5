// Commands that fill a real server with a value of every type in every form that it has.

import { randomOf } from './bytes.ts';
import type { RedisClient } from './redis.ts';

export type Command = readonly (string | number | Uint8Array)[];

const many = (count: number, item: (i: number) => (string | number)[]): (string | number)[] =>
  Array.from({ length: count }, (_, i) => item(i)).flat();

function noise(length: number): Uint8Array {
  const random = randomOf(length);
  return Uint8Array.from({ length }, () => random(256));
}

/** Small ones, of which there are vectors in the tests' folder as well. */
export const SMALL: readonly Command[] = [
  ['SET', 's:text', 'hello'],
  ['SET', 's:empty', ''],
  ['SET', 's:int8', '-128'],
  ['SET', 's:int16', '-32768'],
  ['SET', 's:int32', '2147483647'],
  ['SET', 's:int64', '-9223372036854775808'],
  ['SET', 's:no-int', '007'],
  ['SET', 's:minus-zero', '-0'],
  ['SET', 's:float', '3.0e3'],
  ['SET', 's:lzf', 'ab'.repeat(50)],
  ['SET', 's:binary', Uint8Array.of(0, 255, 13, 10, 128)],
  ['SET', 's:expires', 'soon', 'PXAT', '4102444800123'],
  ['SET', '12345', 'a key that is a number'],
  [
    'RPUSH',
    'l:small',
    'a',
    '1',
    '-5',
    '4000',
    '-70000',
    '8000000',
    '5000000000',
    '',
    'x'.repeat(70),
  ],
  ['SADD', 'set:16', '1', '2', '-30000'],
  ['SADD', 'set:32', '1', '70000', '-2000000000'],
  ['SADD', 'set:64', '1', '-9223372036854775808', '9223372036854775807', '9007199254740993'],
  ['SADD', 'set:text', 'a', 'b', '3'],
  ['ZADD', 'z:small', '1', 'a', '-2.5', 'b', 'inf', 'c', '-inf', 'd', '1e300', 'e', '0.1', '7'],
  ['HSET', 'h:small', 'field', 'value', 'number', '42', '7', ''],
  ['XADD', 'x:small', '1-1', 'temperature', '20', 'unit', 'C'],
  ['XADD', 'x:small', '1-2', 'temperature', '21', 'unit', 'C'],
  ['XADD', 'x:small', '5-0', 'other', 'fields', 'and', 'more', 'of', 'them'],
  [
    'XADD',
    'x:small',
    '18446744073709551614-18446744073709551615',
    'temperature',
    '-1',
    'unit',
    'F',
  ],
  ['XDEL', 'x:small', '1-2'],
  ['XGROUP', 'CREATE', 'x:small', 'g1', '0'],
  ['XGROUP', 'CREATE', 'x:small', 'g2', '1-1', 'ENTRIESREAD', '1'],
  ['XREADGROUP', 'GROUP', 'g1', 'alice', 'COUNT', '1', 'STREAMS', 'x:small', '>'],
  ['XREADGROUP', 'GROUP', 'g1', 'bob', 'COUNT', '1', 'STREAMS', 'x:small', '>'],
  ['XGROUP', 'CREATECONSUMER', 'x:small', 'g1', 'idle'],
  ['XGROUP', 'CREATE', 'x:empty', 'g', '$', 'MKSTREAM'],
  ['SELECT', '3'],
  ['SET', 'other-database', 'yes', 'PXAT', '4102444800456'],
  ['SELECT', '0'],
];

/** Large ones: hash tables, skip lists, quicklists of many nodes, streams of many nodes. */
export const LARGE: readonly Command[] = [
  ['SET', 's:noise', noise(100_000)],
  ['SET', 's:16383', 'q'.repeat(16_383)],
  ['SET', 's:noise-64', noise(64)],
  ['SET', 's:megabyte', 'the same again and '.repeat(60_000)],
  ['RPUSH', 'l:large', ...many(5000, (i) => [`element ${i}`])],
  ['RPUSH', 'l:long', 'y'.repeat(20_000), 'z', 'w'.repeat(9000)],
  ['SADD', 'set:large', ...many(3000, (i) => [`member ${i * 7}`])],
  ['SADD', 'set:ints', ...many(2000, (i) => [i * 31])],
  ['ZADD', 'z:large', ...many(2000, (i) => [i / 3, `m${i}`])],
  ['HSET', 'h:large', ...many(2000, (i) => [`f${i}`, `v${i}`])],
  ['HSET', 'h:long', 'f', 'v'.repeat(1000)],
  ...Array.from(
    { length: 350 },
    (_, i) => ['XADD', 'x:large', `${i + 1}-*`, 'n', `${i}`, 't', 'u'] as Command,
  ),
  ['XDEL', 'x:large', '7-0', '8-0', '120-0'],
  ['XTRIM', 'x:large', 'MAXLEN', '300'],
  ['XGROUP', 'CREATE', 'x:large', 'readers', '0'],
  ['XREADGROUP', 'GROUP', 'readers', 'c1', 'COUNT', '150', 'STREAMS', 'x:large', '>'],
  ['XREADGROUP', 'GROUP', 'readers', 'c2', 'COUNT', '50', 'STREAMS', 'x:large', '>'],
  ['XDEL', 'x:large', '60-0'],
  // From here on an element of 100 bytes is a node of its own.
  ['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '100b'],
  ['RPUSH', 'l:plain', 'small', 'p'.repeat(500), 'small', 'r'.repeat(150)],
  ['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '1gb'],
  [
    ...['FUNCTION', 'LOAD'],
    "#!lua name=lib\nredis.register_function('f', function(keys, args) return 1 end)",
  ],
];

export async function fill(client: RedisClient, commands: readonly Command[]): Promise<void> {
  await Promise.all(commands.map((command) => client.call(...command)));
}

export async function keysOf(client: RedisClient): Promise<string[]> {
  return (await client.text('KEYS', '*')) as string[];
}
