// Transactions. Facts as Redis 7.0.15 gives them, words our own.

import {
  discardCommand,
  execCommand,
  multiCommand,
  unwatchCommand,
  watchCommand,
} from '../handlers/transactions.ts';
import { key } from './arguments.ts';
import type { CommandSpec } from './spec.ts';

export const TRANSACTIONS: readonly CommandSpec[] = [
  {
    name: 'multi',
    arity: 1,
    flags: 'noscript loading stale fast allow_busy',
    categories: 'transaction',
    summary: 'Begins a transaction',
    since: '1.2.0',
    group: 'transactions',
    complexity: 'O(1)',
    run: multiCommand,
  },
  {
    name: 'exec',
    arity: 1,
    flags: 'noscript loading stale skip_slowlog',
    categories: 'transaction',
    summary: 'Runs the commands of a transaction',
    since: '1.2.0',
    group: 'transactions',
    complexity: 'as the commands',
    run: execCommand,
  },
  {
    name: 'discard',
    arity: 1,
    flags: 'noscript loading stale fast allow_busy',
    categories: 'transaction',
    summary: 'Forgets the commands of a transaction',
    since: '2.0.0',
    group: 'transactions',
    complexity: 'O(N), N commands queued',
    run: discardCommand,
  },
  {
    name: 'watch',
    arity: -2,
    flags: 'noscript loading stale fast allow_busy',
    categories: 'transaction',
    keys: { flags: 'RO', first: 1, last: -1, step: 1 },
    summary: 'Lets the next transaction run only if keys stay as they are',
    since: '2.2.0',
    group: 'transactions',
    complexity: 'O(N), N keys',
    arguments: [key('key', { flags: 'multiple' })],
    run: watchCommand,
  },
  {
    name: 'unwatch',
    arity: 1,
    flags: 'noscript loading stale fast allow_busy',
    categories: 'transaction',
    summary: 'Forgets the watched keys',
    since: '2.2.0',
    group: 'transactions',
    complexity: 'O(N), N keys watched',
    run: unwatchCommand,
  },
];
