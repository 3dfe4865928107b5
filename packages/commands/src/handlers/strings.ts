// Hot path: GET, SET, MGET and MSET; bench in bench/execute.bench.ts.

import { NO_EXPIRY, ValueKind } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts';
import { expiryOf } from '../expiry.ts';
import { KeyEventClass } from '../key-events.ts';
import { findForWrite } from '../lookup.ts';
import { EXPIRY_OPTIONS, expiryUnitOf, optionsOf, SetOption } from '../set-options.ts';

const OPTIONS_OF_SET =
  EXPIRY_OPTIONS | SetOption.nx | SetOption.xx | SetOption.get | SetOption.keepTtl;

export function getCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (!replyWithValue(context, args, 1, reply)) context.error(WRONG_TYPE);
}

export function mgetCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  reply.array(args.count - 1);
  for (let i = 1; i < args.count; i++) if (!replyWithValue(context, args, i, reply)) reply.null();
}

/** False where the key holds no string: nothing is answered then. */
function replyWithValue(
  context: CommandContext,
  args: Arguments,
  i: number,
  reply: ReplyWriter,
): boolean {
  // As findForRead does it, written out: a call less for the command that is sent most.
  const { database, stats } = context;
  if (!database.find(context.slot, args.buffer, args.starts[i], args.ends[i], context.nowMs)) {
    stats.keyspaceMisses++;
    context.missed(args, i);
    reply.null();
    return true;
  }
  stats.keyspaceHits++;
  if (database.foundKind !== ValueKind.string) return false;
  reply.bulk(database.foundBytes, database.foundStart, database.foundEnd, database.foundView);
  return true;
}

export function msetCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (args.count % 2 === 0) {
    context.arityError();
    return;
  }
  for (let i = 1; i < args.count; i += 2) setArgument(context, args, i, i + 1, NO_EXPIRY);
  reply.simple('OK');
}

/** Stores the string of argument `value` under the key of argument `key`. */
export function setArgument(
  context: CommandContext,
  args: Arguments,
  key: number,
  value: number,
  expireAtMs: number,
  event = 'set',
): void {
  const { starts, ends, buffer } = args;
  context.creating(args, key);
  context.database.setString(
    context.slot,
    buffer,
    starts[key],
    ends[key],
    starts[value],
    ends[value],
    expireAtMs,
  );
  context.changed(args, key, KeyEventClass.string, event);
}

export function setCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const parsed = optionsOf(args, 3, OPTIONS_OF_SET);
  if (parsed === null) {
    context.error(SYNTAX_ERROR);
    return;
  }
  const { options, expiryAt } = parsed;
  let expireAtMs = NO_EXPIRY;
  if (expiryAt > 0) {
    expireAtMs = expiryOf(context, args, expiryAt, expiryUnitOf(options), true);
    if (Number.isNaN(expireAtMs)) return;
  }
  if (options !== 0) {
    if ((options & SetOption.get) !== 0 && !replyWithValue(context, args, 1, reply)) {
      context.error(WRONG_TYPE);
      return;
    }
    const exists = findForWrite(context, args, 1);
    const isRefused =
      (options & SetOption.nx) !== 0 ? exists : (options & SetOption.xx) !== 0 && !exists;
    if (isRefused) {
      if ((options & SetOption.get) === 0) reply.null();
      return;
    }
    if ((options & SetOption.keepTtl) !== 0 && exists) {
      expireAtMs = context.database.foundExpireAtMs;
    }
  }
  setArgument(context, args, 1, 2, expireAtMs);
  if (options !== 0 && context.feed.isActive) propagateSet(context, args, options, expireAtMs);
  if (expiryAt > 0) context.noted(args, 1, KeyEventClass.generic, 'expire');
  if ((options & SetOption.get) === 0) reply.simple('OK');
}

/** A time to live becomes a time, and GET is left out: a replica answers nobody. */
function propagateSet(
  context: CommandContext,
  args: Arguments,
  options: number,
  expireAtMs: number,
): void {
  if ((options & EXPIRY_OPTIONS) !== 0) {
    propagateExpiring(context, args, 2, expireAtMs);
  } else if ((options & SetOption.get) !== 0) {
    const set = context.propagation.insteadOf(args, 3);
    for (let i = 3; i < args.count; i++) if (!isWord(args, i, 'GET')) set.argument(args, i);
  }
}

/** SET of the key of argument 1 to argument `value`, until that time. */
export function propagateExpiring(
  context: CommandContext,
  args: Arguments,
  value: number,
  expireAtMs: number,
): void {
  const set = context.propagation.instead('SET').argument(args, 1).argument(args, value);
  set.word('PXAT').integer(expireAtMs);
}
