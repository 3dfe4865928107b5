// Commands that turn a value into bytes and back. Facts as Redis 7.0.15 gives them, words our own.

import { dumpCommand, restoreCommand } from '../handlers/dumps.ts';
import { arg, key, token } from './arguments.ts';
import type { CommandSpec } from './spec.ts';

const RESTORE_ARGUMENTS = [
  key('key'),
  arg('ttl', 'integer'),
  arg('serialized-value'),
  token('replace', 'REPLACE', { since: '3.0.0', flags: 'optional' }),
  token('absttl', 'ABSTTL', { since: '5.0.0', flags: 'optional' }),
  arg('seconds', 'integer', { token: 'IDLETIME', since: '5.0.0', flags: 'optional' }),
  arg('frequency', 'integer', { token: 'FREQ', since: '5.0.0', flags: 'optional' }),
];

export const DUMPS: readonly CommandSpec[] = [
  {
    name: 'dump',
    arity: 2,
    flags: 'readonly',
    categories: 'keyspace',
    tips: 'nondeterministic_output',
    keys: { flags: 'RO access', first: 1, last: 1, step: 1 },
    summary: 'Returns a value as bytes that RESTORE takes',
    since: '2.6.0',
    group: 'generic',
    complexity: 'O(N), N bytes',
    arguments: [key('key')],
    run: dumpCommand,
  },
  {
    name: 'restore',
    arity: -4,
    flags: 'write denyoom',
    categories: 'keyspace dangerous',
    keys: { flags: 'OW update', first: 1, last: 1, step: 1 },
    summary: 'Creates a key from the bytes that DUMP returned',
    since: '2.6.0',
    group: 'generic',
    complexity: 'O(N), N bytes',
    arguments: RESTORE_ARGUMENTS,
    run: restoreCommand,
  },
  {
    name: 'restore-asking',
    arity: -4,
    flags: 'write denyoom asking',
    categories: 'keyspace dangerous',
    keys: { flags: 'OW update', first: 1, last: 1, step: 1 },
    summary: 'Is RESTORE after ASKING, in one: what a node sends that moves a slot',
    since: '3.0.0',
    group: 'server',
    complexity: 'O(N), N bytes',
    docFlags: 'syscmd',
    arguments: RESTORE_ARGUMENTS,
    run: restoreCommand,
  },
];
