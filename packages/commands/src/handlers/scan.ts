// KEYS and SCAN.

import type { GlobPattern } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf, isWord, latin1Of, unsignedOf } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import { patternAt } from '../pattern.ts';

const DEFAULT_COUNT = 10;

export function keysCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const pattern = patternAt(context, args, 1);
  if (pattern === null) return;
  const keys: Uint8Array[] = [];
  context.withExpired('hide', () =>
    context.database.forEachKey(context.nowMs, (key) => {
      if (pattern.matches(key)) keys.push(key);
    }),
  );
  reply.array(keys.length);
  for (const key of keys) reply.bulk(key);
}

export interface ScanOptions {
  readonly count: number;
  readonly pattern: GlobPattern | null;
  /** Lower case, or null for every type. */
  readonly type: string | null;
}

/** Reads MATCH, COUNT and TYPE from argument `from` on; null: the client has been told what is wrong. */
export function scanOptions(
  context: CommandContext,
  args: Arguments,
  from: number,
): ScanOptions | null {
  let count = DEFAULT_COUNT;
  let pattern: GlobPattern | null = null;
  let type: string | null = null;
  for (let i = from; i < args.count; i += 2) {
    const hasValue = i + 1 < args.count;
    if (hasValue && isWord(args, i, 'COUNT')) {
      const value = integerOf(args, i + 1);
      if (value === null) {
        context.error(NOT_AN_INTEGER);
        return null;
      }
      if (value < 1) {
        context.error(SYNTAX_ERROR);
        return null;
      }
      count = Number(value);
    } else if (hasValue && isWord(args, i, 'MATCH')) {
      pattern = patternAt(context, args, i + 1);
      if (pattern === null) return null;
    } else if (hasValue && isWord(args, i, 'TYPE')) {
      type = latin1Of(args, i + 1).toLowerCase();
    } else {
      context.error(SYNTAX_ERROR);
      return null;
    }
  }
  return { count, pattern, type };
}

export function scanCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const cursor = unsignedOf(args, 1);
  if (cursor === null) {
    context.error('ERR invalid cursor');
    return;
  }
  const options = scanOptions(context, args, 2);
  if (options === null) return;
  const keys: Uint8Array[] = [];
  const next = context.database.scan(cursor, options.count, -1, context.nowMs, (key, type) => {
    if (options.pattern !== null && !options.pattern.matches(key)) return;
    if (options.type === null || options.type === type) keys.push(key);
  });
  reply.array(2);
  reply.text(String(next));
  reply.array(keys.length);
  for (const key of keys) reply.bulk(key);
}
