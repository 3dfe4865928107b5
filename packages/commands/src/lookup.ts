// Hot path: how handlers look keys up, with the counters, access data and events that go with it; bench in
// bench/execute.bench.ts.

import { ValueKind } from '@slotmesh/keyspace';
import type { Arguments } from '@slotmesh/resp';
import type { CommandContext } from './context.ts';
import { WRONG_TYPE } from './errors.ts';
import { KeyEventClass } from './key-events.ts';

/** Looks argument `i` up for a command that answers with what it finds, and counts whether it was there. */
export function findForRead(context: CommandContext, args: Arguments, i: number): boolean {
  const { database, slot, nowMs, stats } = context;
  if (database.find(slot, args.buffer, args.starts[i], args.ends[i], nowMs)) {
    stats.keyspaceHits++;
    return true;
  }
  stats.keyspaceMisses++;
  context.missed(args, i);
  return false;
}

/** Looks argument `i` up for a command that is about to change it. */
export function findForWrite(context: CommandContext, args: Arguments, i: number): boolean {
  const { database, slot, nowMs } = context;
  return database.find(slot, args.buffer, args.starts[i], args.ends[i], nowMs);
}

/**
 * As {@link findForRead}, for a command on strings. Null: the key holds something else and the client has been told so;
 * nothing else is answered then.
 */
export function findStringForRead(
  context: CommandContext,
  args: Arguments,
  i: number,
): boolean | null {
  return findForRead(context, args, i) ? isString(context) : false;
}

/** As {@link findForWrite}, for a command on strings, with null as in {@link findStringForRead}. */
export function findStringForWrite(
  context: CommandContext,
  args: Arguments,
  i: number,
): boolean | null {
  return findForWrite(context, args, i) ? isString(context) : false;
}

function isString(context: CommandContext): true | null {
  if (context.database.foundKind === ValueKind.string) return true;
  context.error(WRONG_TYPE);
  return null;
}

/** As {@link findForRead}, for a command that looks at a key without using it: no access is noted. */
export function peekForRead(context: CommandContext, args: Arguments, i: number): boolean {
  const { database } = context;
  const { touchOnFind } = database;
  database.touchOnFind = false;
  const found = findForRead(context, args, i);
  database.touchOnFind = touchOnFind;
  return found;
}

/** Deletes argument `i`; true if it was there. */
export function deleteKey(context: CommandContext, args: Arguments, i: number): boolean {
  const { database, slot, nowMs } = context;
  return database.delete(slot, args.buffer, args.starts[i], args.ends[i], nowMs);
}

/** Deletes argument 1, which was given an expiry that is over already. Not on a replica: its primary says when keys go. */
export function deleteOutdated(context: CommandContext, args: Arguments): void {
  deleteKey(context, args, 1);
  context.changed(args, 1, KeyEventClass.generic, 'del');
  if (!context.feed.isActive) return;
  const { unlinksExpired } = context.settings;
  context.propagation.instead(unlinksExpired ? 'UNLINK' : 'DEL').argument(args, 1);
}
