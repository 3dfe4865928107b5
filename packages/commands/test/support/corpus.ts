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
  'SETNX K V', 'SETEX K N V', 'PSETEX K N V', 'GETSET K V', 'GETDEL K', 'GETEX K', 'GETEX K EX N', 'GETEX K PX N',
  'GETEX K EXAT N', 'GETEX K PXAT N', 'GETEX K O', 'GETEX K O O', 'GETEX K EX 100 O', 'MSETNX K V', 'MSETNX K V K V', 'MSETNX K V K',
  'APPEND K V', 'STRLEN K', 'GETRANGE K N N', 'GETRANGE K I I', 'SUBSTR K I I', 'SETRANGE K N V', 'SETRANGE K I V', 'INCR K', 'DECR K',
  'INCRBY K N', 'DECRBY K N', 'SET K N', 'INCRBYFLOAT K N', 'INCRBYFLOAT K F', 'SET K F', 'LCS K K', 'LCS K K L', 'LCS K K L L',
  'LCS K K IDX MINMATCHLEN N', 'LCS K K IDX MINMATCHLEN I L', 'SETBIT K B V', 'SETBIT K B I', 'SETBIT K I 1', 'GETBIT K N', 'GETBIT K I',
  'BITCOUNT K', 'BITCOUNT K N N', 'BITCOUNT K I I', 'BITCOUNT K I I U', 'BITCOUNT K I', 'BITPOS K I', 'BITPOS K N', 'BITPOS K 1 N',
  'BITPOS K 0 N N', 'BITPOS K 0 I I U', 'BITPOS K 1 I I U', 'BITPOS K 1 I', 'BITPOS K 0 I I U V', 'BITOP A K K', 'BITOP A K K K',
  'BITOP NOT K K', 'BITFIELD K', 'BITFIELD K G', 'BITFIELD K GET Y I', 'BITFIELD K SET Y I N', 'BITFIELD K INCRBY Y I N',
  'BITFIELD K GET Y N', 'BITFIELD K OVERFLOW A INCRBY Y I N', 'BITFIELD K OVERFLOW A SET Y I N GET Y I', 'BITFIELD_RO K GET Y I',
  'BITFIELD_RO K GET Y I GET Y I', 'BITFIELD_RO K SET Y I 1', 'BITFIELD K OVERFLOW A OVERFLOW A SET Y I N', 'BITFIELD K SET Y B N',
  'TOUCH K K', 'PEXPIRE K N', 'PEXPIRE K 100000 C', 'EXPIREAT K N', 'EXPIREAT K 99999999999 C', 'PEXPIREAT K N', 'PEXPIREAT K N C',
  'EXPIRETIME K', 'PEXPIRETIME K', 'PTTL K', 'PERSIST K', 'RENAME K K', 'RENAMENX K K', 'COPY K K', 'COPY K K DB N', 'COPY K K R R',
  'COPY K K DB I R', 'COPY K K REPLACE', 'OBJECT REFCOUNT nothing', 'OBJECT W K', 'OBJECT FREQ K', 'MOVE K N', 'MOVE K I', 'SWAPDB N I', 'SWAPDB I I',
  'EXEC', 'DISCARD', 'WATCH K K', 'UNWATCH', 'MULTI V', 'EXEC V', 'WATCH',
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

/** Fractions, right and wrong. */
export const FRACTIONS: readonly string[] = [
  '0.1', '-0.1', '.5', '5.', '1e3', '1E-3', '1e400', '1e4932', '1.2e4932', '1e4933', '1e-4950', '1e-4960', '1e-5000', 'inf', '-inf',
  '+inf', 'Infinity', 'infinit', 'nan', '-nan', '0x1p3', '0xA.8', '0x', '0x.', '.', '1e', '1e+', ' 1', '1 ', '1\t', '3.0e3', '5.0e3',
  '3.14159265358979323846', '100000000000000000000', '1e17', '1e18', '1e19', '123456789.123456789123456789', '-3', '1e-17', '5e-18',
  '4.9e-18', '0.000000000000000005', '1\x00', '-0', '-0.0', '+5', '0001', `0.${'1'.repeat(5200)}`, '1,5', '1e99999999999999999999',
  '0e99999999999', '0x1p-20000', '-1e-20', '9223372036854775807.5',
]; // biome-ignore format: a table

const COMMANDS =
  'get set mget mset del unlink exists type ttl pttl expire dbsize keys scan flushall flushdb publish ' +
  'spublish pubsub hello auth ping echo select client info command config time debug asking readonly ' +
  'readwrite cluster subscribe append incr incrbyfloat lcs setbit bitfield bitop rename copy object touch ' +
  'persist move swapdb exec discard watch unwatch getex getdel setrange strlen';

const POOLS: ReadonlyMap<string, readonly string[]> = new Map([
  ['K', ['k1', 'k2', 'k3', 'k4', 'k5', '', '\xff\x00\x80', '{a}b', 'K1', ...MAGIC.slice(0, 2)]],
  ['V', ['v', '', 'two words', 'x\r\ny', '\x00\xff', 'a'.repeat(300), '123', 'ON', 'caf\xe9']],
  ['N', NUMBERS],
  ['O', ['NX', 'XX', 'GET', 'KEEPTTL', 'nx', 'xX', 'get', 'EX', 'PX', 'EXAT', 'PERSIST', 'foo', '']],
  ['F', FRACTIONS],
  ['I', ['0', '1', '2', '3', '5', '8', '-1', '-2', '-5', '-100', '100', '7', '#1', '#0', '15', 'x', '']],
  ['B', ['0', '1', '7', '8', '100', '1000', '-1', '4294967296', 'x', '#3', '', '99999999999999999999']],
  ['L', ['LEN', 'IDX', 'WITHMATCHLEN', 'MINMATCHLEN', 'len', 'idx', 'foo', '2']],
  ['U', ['BIT', 'BYTE', 'bit', 'byte', 'foo', '']],
  ['A', ['AND', 'OR', 'XOR', 'NOT', 'and', 'Xor', 'WRAP', 'SAT', 'FAIL', 'fail', 'foo', '']],
  ['G', ['GET', 'SET', 'INCRBY', 'OVERFLOW', 'foo']],
  ['Y', ['u1', 'i1', 'u8', 'i8', 'u5', 'i16', 'u63', 'i64', 'i63', 'u64', 'i65', 'u0', 'i', 'x8', 'U8', 'u-1', 'u08', '', 'i32', 'u32']],
  ['R', ['REPLACE', 'replace', 'DB', 'db', 'foo', '1', '3']],
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
  const [first, second = '', third = ''] = command.map((word) => word.toLowerCase());
  if (first === 'shutdown') return command.length > 1 && !/^(save|nosave|now|force)$/.test(second);
  // Commands that the real server has and ours does not, or not yet.
  if (/^(module|save|sync|debug|time|info)$/.test(first)) return false;
  if (first === 'command' && third === 'save') return false;
  if (first === 'quit' || first === 'reset') return false;
  if (first === 'subscribe') return command.length === 1;
  // Keys that have expired and that nobody met yet count, and a partial scan meets other keys here than there.
  if (first === 'dbsize') return command.length > 1;
  if (first === 'keys') return command.length !== 2;
  // Strings of hundreds of megabytes cost a test too much, and the real server cannot take them back.
  if (/^(setbit|setrange)$/.test(first) && /^\d{7,9}$|^[1-4]\d{9}$/.test(third)) return false;
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
    ['I', '1'],
    ['Y', 'i64'],
    ['A', 'SAT'],
    ['B', '100'],
  ]);
  const commands: TestCommand[] = [];
  for (const template of TEMPLATES.filter((line) => line.split(' ').includes('N'))) {
    for (const number of NUMBERS) {
      const command = template
        .split(' ')
        .map((word) => (word === 'N' ? number : (fixed.get(word) ?? word)));
      if (isComparable(command)) commands.push(['SET', 'k', 'v'], command);
      if (isComparable(command)) commands.push(['SET', 'k', '41'], command, ['DEL', 'k'], command);
    }
  }
  return commands;
}

/** A key that expires within moments is there for one server and gone for the other. */
function isShortLived(command: readonly string[]): boolean {
  return /(^|\s)(px|psetex|pexpire)\b.*\s(1|2|10|100)(\s|$)/i.test(command.join(' '));
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
    if (isShortLived(command)) continue;
    commands.push(command.map((word) => Buffer.from(word, 'latin1')));
  }
  return commands;
}

/** Whole transactions of grown commands, some of them watching keys, some of them given up. */
export function grownTransactions(seed: number, count: number): TestCommand[] {
  const below = numbersFrom(seed);
  const inner = grownCommands(seed, count * 6).filter(isTransactional);
  const commands: TestCommand[] = [];
  for (let i = 0; i < count && inner.length > 0; i++) {
    if (below(3) === 0) commands.push(['WATCH', below(2) ? 'k1' : 'k2']);
    if (below(3) === 0) commands.push(inner.pop()!);
    commands.push(['MULTI']);
    for (let n = below(6); n > 0 && inner.length > 0; n--) commands.push(inner.pop()!);
    if (below(12) === 0) commands.push(['MULTI']);
    if (below(12) === 0) commands.push(['WATCH', 'k1']);
    if (below(12) === 0) commands.push(['EXEC', 'x']);
    commands.push([below(6) === 0 ? 'DISCARD' : 'EXEC']);
  }
  return commands;
}

/** Replies to these hold what no two servers have in common, which {@link differences} cannot find in an array. */
function isTransactional(command: TestCommand): boolean {
  const name = Buffer.from(command[0]).toString('latin1').toLowerCase();
  return !/^(scan|hello|auth|p?ttl|p?expiretime|randomkey|client|command|cluster|exec|discard)$/.test(
    name,
  );
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
