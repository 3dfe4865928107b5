// Commands to hold against a real server, right and wrong ones: hand-written lines, and lines grown from templates.

import { type TestCommand, words } from './transcript.ts';

/** Where numbers are read, these try the reading. */
export const NUMBERS: readonly string[] = [
  '0', '1', '-1', '2', '10', '100', '+1', '01', '-0', '00', '1.0', '1e3', '0x10', 'nan', 'inf',
  '-inf', 'abc', '', '1a', 'a1', '--1', '-', '+', '2147483647', '2147483648', '-2147483648',
  '-2147483649', '4294967295', '4294967296', '9007199254740991', '9007199254740992',
  '9007199254740993', '-9007199254740993', '9223372036854775', '9223372036854776',
  '9223372036854774807', '9223372036854775807', '9223372036854775808', '-9223372036854775808',
  '-9223372036854775809', '18446744073709551615', '18446744073709551616',
  '99999999999999999999', `1${'0'.repeat(5000)}`,
]; // biome-ignore format: a table

/** Names that mean something to JavaScript objects. */
export const MAGIC: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
];

const TEMPLATES: readonly string[] = [
  'GET K', 'SET K V', 'SET K V EX N', 'SET K V PX N', 'SET K V EXAT N', 'SET K V PXAT N', 'SET K V O',
  'SET K V O O', 'SET K V O O O', 'SET K V O N O', 'SET K V EX 100 O', 'MGET K', 'MGET K K',
  'MSET K V', 'MSET K V K V', 'MSET K V K', 'DEL K', 'DEL K K', 'UNLINK K K K', 'EXISTS K', 'EXISTS K K K',
  'TYPE K', 'TTL K', 'EXPIRE K N', 'EXPIRE K 1000 C', 'EXPIRE K 1000 C C', 'EXPIRE K 2000 C', 'EXPIRE K N C',
  'SCAN N', 'SCAN 0 COUNT N', 'SCAN 0 S', 'SCAN 0 S S', 'SCAN 0 MATCH P TYPE T COUNT 1000', 'ECHO V',
  'SELECT N', 'SELECT 0', 'CLIENT SETNAME V', 'CLIENT GETNAME', 'CLIENT KILL W W', 'CLIENT LIST W', 'CLIENT LIST ID N',
  'CLIENT LIST TYPE W', 'CLIENT KILL ID N', 'CLIENT KILL ID 999999 W V', 'CLIENT UNBLOCK N', 'CLIENT UNBLOCK N W',
  'CLIENT W', 'CLIENT W V', 'CLIENT NO-EVICT W', 'CLIENT TRACKING W', 'CLIENT CACHING W', 'PUBLISH K V', 'SPUBLISH K V',
  'PUBSUB W', 'PUBSUB W K', 'PUBSUB NUMSUB K K', 'PUBSUB SHARDNUMSUB K', 'COMMAND W', 'COMMAND GETKEYS W K V',
  'COMMAND GETKEYS SET K V O', 'COMMAND GETKEYSANDFLAGS SET K V O', 'COMMAND GETKEYSANDFLAGS MSET K V K V',
  'COMMAND LIST FILTERBY W W', 'CONFIG W', 'CONFIG W V', 'CONFIG SET W V', 'HELLO N', 'HELLO W', 'HELLO 2 W V',
  'HELLO 2 W V V', 'AUTH V', 'AUTH V V', 'AUTH V V V', 'W', 'W K', 'W K V', 'W V V V V', 'SHUTDOWN W W', 'DEBUG W',
  'FLUSHDB W', 'FLUSHALL W', 'READONLY', 'READWRITE', 'ASKING', 'READONLY W', 'CLUSTER W', 'CLUSTER W N', 'PING V', 'PING V V',
]; // biome-ignore format: a table

const COMMANDS =
  'get set mget mset del unlink exists type ttl pttl expire dbsize keys scan flushall flushdb publish ' +
  'spublish pubsub hello auth ping echo select client info command config time debug asking readonly ' +
  'readwrite cluster subscribe';

const POOLS: ReadonlyMap<string, readonly string[]> = new Map([
  ['K', ['k1', 'k2', 'k3', 'k4', 'k5', '', '\xff\x00\x80', '{a}b', 'K1', ...MAGIC.slice(0, 2)]],
  ['V', ['v', '', 'two words', 'x\r\ny', '\x00\xff', 'a'.repeat(300), '123', 'ON', 'caf\xe9']],
  ['N', NUMBERS],
  ['O', ['NX', 'XX', 'GET', 'KEEPTTL', 'nx', 'xX', 'get', 'EX', 'PX', 'EXAT', 'PERSIST', 'foo', '']],
  ['C', ['NX', 'XX', 'GT', 'LT', 'nx', 'gT', 'foo', '']],
  ['S', ['MATCH', 'COUNT', 'TYPE', 'match', 'foo', '10', '*']],
  ['P', ['*', 'k*', 'k?', '[k]1', 'k[1-3]', 'k[^1]', '\\k1', '', '[', 'k[', '*1*', '**']],
  ['T', ['string', 'STRING', 'list', 'foo']],
  ['W', [...COMMANDS.split(' '), ...COMMANDS.toUpperCase().split(' ').slice(0, 8), ...MAGIC,
    'ON', 'OFF', 'SKIP', 'YES', 'NO', 'TYPE', 'ID', 'ADDR', 'USER', 'NORMAL', 'PUBSUB', 'REPLICA', 'TIMEOUT', 'ERROR',
    'SAVE', 'NOSAVE', 'ABORT', 'ASYNC', 'SYNC', 'GETREDIR', 'TRACKINGINFO', 'UNPAUSE', 'NUMPAT', 'CHANNELS',
    'COUNT', 'MODULE', 'ACLCAT', 'PATTERN', 'AUTH', 'SETNAME', 'ID', 'GETNAME', 'RESETSTAT', 'REWRITE', 'foo', '', 'x\ry',
    'SKIPME', 'LADDR', 'MYID', 'KEYSLOT', 'a'.repeat(200)]],
]); // biome-ignore format: a table

/** Commands whose replies cannot be equal: they end the server, hold its facts or its random order. */
function isComparable(command: readonly string[]): boolean {
  const [first, second = ''] = command.map((word) => word.toLowerCase());
  if (first === 'shutdown') return command.length > 1 && !/^(save|nosave|now|force)$/.test(second);
  // Commands that the real server has and ours does not, or not yet.
  if (/^(module|save|sync|debug|time|info)$/.test(first)) return false;
  if (first === 'quit' || first === 'reset') return false;
  if (first === 'subscribe') return command.length === 1;
  // Keys that have expired and that nobody met yet count, and a partial scan meets other keys here than there.
  if (first === 'dbsize') return command.length > 1;
  if (first === 'keys') return command.length !== 2;
  if (first === 'command')
    return !/^(|docs|info|list|count|help)$/.test(second) && command.length > 1;
  if (first === 'config') return !/^(get|set|rewrite|help)$/.test(second);
  if (first === 'client')
    return !/^(id|info|list|kill|reply|help|pause|tracking|setinfo|no-touch)$/.test(second);
  return !(first === 'pubsub' || first === 'cluster') || second !== 'help';
}

/** A small generator of numbers that repeats itself from its seed. */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return Math.floor(((state >>> 0) / 0x1_0000_0000) * below);
  };
}

/** Each template that takes a number, with each number. */
export function numberCommands(): TestCommand[] {
  const fixed = new Map([
    ['K', 'k'],
    ['V', 'v'],
    ['W', 'foo'],
    ['C', 'XX'],
    ['O', 'NX'],
  ]);
  const commands: TestCommand[] = [];
  for (const template of TEMPLATES.filter((line) => line.split(' ').includes('N'))) {
    for (const number of NUMBERS) {
      const command = template
        .split(' ')
        .map((word) => (word === 'N' ? number : (fixed.get(word) ?? word)));
      if (isComparable(command)) commands.push(['SET', 'k', 'v'], command);
    }
  }
  return commands;
}

/** `count` commands grown from the templates; the same ones for the same seed. */
export function grownCommands(seed: number, count: number): TestCommand[] {
  const below = numbersFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)];
  const commands: TestCommand[] = [];
  while (commands.length < count) {
    const command = pick(TEMPLATES)
      .split(' ')
      .map((word) => (POOLS.has(word) ? pick(POOLS.get(word)!) : mixCase(word, below)));
    if (below(20) === 0) command.push(pick(POOLS.get('V')!));
    if (below(30) === 0) command.pop();
    if (command.length === 0 || command[0] === '' || !isComparable(command)) continue;
    commands.push(command.map((word) => Buffer.from(word, 'latin1')));
  }
  return commands;
}

function mixCase(word: string, below: (limit: number) => number): string {
  return below(4) > 0 ? word : [...word].map((c) => (below(2) ? c.toLowerCase() : c)).join('');
}

export function lines(text: string): TestCommand[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(words);
}
