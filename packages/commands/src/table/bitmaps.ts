// Commands on strings as rows of bits. Facts as Redis 7.0.15 gives them, words our own.

import { bitfieldCommand, bitfieldRoCommand } from '../handlers/bitfield.ts';
import {
  bitcountCommand,
  bitposCommand,
  getbitCommand,
  setbitCommand,
} from '../handlers/bitmaps.ts';
import { bitopCommand } from '../handlers/bitop.ts';
import { arg, block, key, oneOf, token } from './arguments.ts';
import type { CommandSpec } from './spec.ts';

export const BITMAPS: readonly CommandSpec[] = [
  {
    name: 'setbit',
    arity: 4,
    flags: 'write denyoom',
    categories: 'bitmap',
    keys: { flags: 'RW access update', first: 1, last: 1, step: 1 },
    summary: 'Sets or clears one bit of a string',
    since: '2.2.0',
    group: 'bitmap',
    complexity: 'O(1)',
    arguments: [key('key'), arg('offset', 'integer'), arg('value', 'integer')],
    run: setbitCommand,
  },
  {
    name: 'getbit',
    arity: 3,
    flags: 'readonly fast',
    categories: 'bitmap',
    keys: { flags: 'RO access', first: 1, last: 1, step: 1 },
    summary: 'Returns one bit of a string',
    since: '2.2.0',
    group: 'bitmap',
    complexity: 'O(1)',
    arguments: [key('key'), arg('offset', 'integer')],
    run: getbitCommand,
  },
  {
    name: 'bitcount',
    arity: -2,
    flags: 'readonly',
    categories: 'bitmap',
    keys: { flags: 'RO access', first: 1, last: 1, step: 1 },
    summary: 'Counts the set bits of a string',
    since: '2.6.0',
    group: 'bitmap',
    complexity: 'O(N), N bytes',
    arguments: [
      key('key'),
      block(
        'index',
        [
          arg('start', 'integer'),
          arg('end', 'integer'),
          oneOf('index_unit', [token('byte', 'BYTE'), token('bit', 'BIT')], {
            since: '7.0.0',
            flags: 'optional',
          }),
        ],
        { flags: 'optional' },
      ),
    ],
    run: bitcountCommand,
  },
  {
    name: 'bitpos',
    arity: -3,
    flags: 'readonly',
    categories: 'bitmap',
    keys: { flags: 'RO access', first: 1, last: 1, step: 1 },
    summary: 'Finds the first bit that is set, or clear',
    since: '2.8.7',
    group: 'bitmap',
    complexity: 'O(N), N bytes',
    arguments: [
      key('key'),
      arg('bit', 'integer'),
      block(
        'index',
        [
          arg('start', 'integer'),
          block(
            'end_index',
            [
              arg('end', 'integer'),
              oneOf('index_unit', [token('byte', 'BYTE'), token('bit', 'BIT')], {
                since: '7.0.0',
                flags: 'optional',
              }),
            ],
            { flags: 'optional' },
          ),
        ],
        { flags: 'optional' },
      ),
    ],
    run: bitposCommand,
  },
  {
    name: 'bitop',
    arity: -4,
    flags: 'write denyoom',
    categories: 'bitmap',
    keys: { flags: '', first: 2, last: -1, step: 1 },
    keySpecs: [
      { flags: 'OW update', first: 2, last: 2, step: 1 },
      { flags: 'RO access', first: 3, last: -1, step: 1 },
    ],
    summary: 'Combines strings bit by bit',
    since: '2.6.0',
    group: 'bitmap',
    complexity: 'O(N), N bytes of the longest string',
    arguments: [
      arg('operation', 'string'),
      key('destkey'),
      key('key', { keySpec: 1, flags: 'multiple' }),
    ],
    run: bitopCommand,
  },
  {
    name: 'bitfield',
    arity: -2,
    flags: 'write denyoom',
    categories: 'bitmap',
    keys: {
      flags: 'RW access update variable_flags',
      first: 1,
      last: 1,
      step: 1,
      notes: 'This command allows both access and modification of the key',
    },
    summary: 'Reads and changes integers of any width inside a string',
    since: '3.2.0',
    group: 'bitmap',
    complexity: 'O(1) an operation',
    arguments: [
      key('key'),
      oneOf(
        'operation',
        [
          block('encoding_offset', [arg('encoding', 'string'), arg('offset', 'integer')], {
            token: 'GET',
          }),
          block('write', [
            oneOf(
              'wrap_sat_fail',
              [token('wrap', 'WRAP'), token('sat', 'SAT'), token('fail', 'FAIL')],
              { token: 'OVERFLOW', flags: 'optional' },
            ),
            oneOf('write_operation', [
              block(
                'encoding_offset_value',
                [arg('encoding', 'string'), arg('offset', 'integer'), arg('value', 'integer')],
                { token: 'SET' },
              ),
              block(
                'encoding_offset_increment',
                [arg('encoding', 'string'), arg('offset', 'integer'), arg('increment', 'integer')],
                { token: 'INCRBY' },
              ),
            ]),
          ]),
        ],
        { flags: 'optional multiple' },
      ),
    ],
    run: bitfieldCommand,
  },
  {
    name: 'bitfield_ro',
    arity: -2,
    flags: 'readonly fast',
    categories: 'bitmap',
    keys: { flags: 'RO access', first: 1, last: 1, step: 1 },
    summary: 'Reads integers of any width inside a string',
    since: '6.0.0',
    group: 'bitmap',
    complexity: 'O(1) an operation',
    arguments: [
      key('key'),
      block('encoding_offset', [arg('encoding', 'string'), arg('offset', 'integer')], {
        token: 'GET',
        flags: 'optional multiple multiple_token',
      }),
    ],
    run: bitfieldRoCommand,
  },
];
