// Commands on strings. Facts as Redis 7.0.15 gives them (rows of later commands say since when), words our own.

import { getCommand, mgetCommand, msetCommand, setCommand } from '../handlers/strings.ts';
import { arg, block, key, oneOf, token } from './arguments.ts';
import type { CommandSpec } from './spec.ts';

export const STRINGS: readonly CommandSpec[] = [
  {
    name: 'get',
    arity: 2,
    flags: 'readonly fast',
    categories: 'string',
    keys: { flags: 'RO access', first: 1, last: 1, step: 1 },
    summary: 'Returns the string stored at a key',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arguments: [key('key')],
    run: getCommand,
  },
  {
    name: 'set',
    arity: -3,
    flags: 'write denyoom',
    categories: 'string',
    keys: {
      flags: 'RW access update variable_flags',
      first: 1,
      last: 1,
      step: 1,
      notes: 'RW and ACCESS due to the optional `GET` argument',
    },
    summary: 'Stores a string, if wanted on conditions and with an expiry',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arguments: [
      key('key'),
      arg('value', 'string'),
      oneOf('condition', [token('nx', 'NX'), token('xx', 'XX')], {
        since: '2.6.12',
        flags: 'optional',
      }),
      token('get', 'GET', { since: '6.2.0', flags: 'optional' }),
      oneOf(
        'expiration',
        [
          arg('seconds', 'integer', { token: 'EX', since: '2.6.12' }),
          arg('milliseconds', 'integer', { token: 'PX', since: '2.6.12' }),
          arg('unix-time-seconds', 'unix-time', { token: 'EXAT', since: '6.2.0' }),
          arg('unix-time-milliseconds', 'unix-time', { token: 'PXAT', since: '6.2.0' }),
          token('keepttl', 'KEEPTTL', { since: '6.0.0' }),
        ],
        { flags: 'optional' },
      ),
    ],
    run: setCommand,
  },
  {
    name: 'mget',
    arity: -2,
    flags: 'readonly fast',
    categories: 'string',
    tips: 'request_policy:multi_shard',
    keys: { flags: 'RO access', first: 1, last: -1, step: 1 },
    summary: 'Returns the strings stored at several keys',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(N), N keys',
    arguments: [key('key', { flags: 'multiple' })],
    run: mgetCommand,
  },
  {
    name: 'mset',
    arity: -3,
    flags: 'write denyoom',
    categories: 'string',
    tips: 'request_policy:multi_shard response_policy:all_succeeded',
    keys: { flags: 'OW update', first: 1, last: -1, step: 2 },
    summary: 'Stores several strings at once',
    since: '1.0.1',
    group: 'string',
    complexity: 'O(N), N keys',
    arguments: [block('key_value', [key('key'), arg('value', 'string')], { flags: 'multiple' })],
    run: msetCommand,
  },
];
