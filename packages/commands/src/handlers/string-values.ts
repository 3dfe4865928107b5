// Commands that store strings on conditions, or return what they replace.

import { NO_EXPIRY } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { expiryOf, MILLISECONDS, SECONDS, type TimeUnit } from '../expiry.ts';
import { KeyEventClass } from '../key-events.ts';
import { deleteKey, deleteOutdated, findForWrite, findStringForRead } from '../lookup.ts';
import { EXPIRY_OPTIONS, expiryUnitOf, optionsOf, SetOption } from '../set-options.ts';
import { propagateExpiring, setArgument } from './strings.ts';

export function setnxCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const exists = findForWrite(context, args, 1);
  if (!exists) setArgument(context, args, 1, 2, NO_EXPIRY);
  reply.integer(exists ? 0 : 1);
}

export function setexCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  storeExpiring(context, args, reply, SECONDS);
}

export function psetexCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  storeExpiring(context, args, reply, MILLISECONDS);
}

function storeExpiring(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  unit: TimeUnit,
): void {
  const expireAtMs = expiryOf(context, args, 2, unit, true);
  if (Number.isNaN(expireAtMs)) return;
  setArgument(context, args, 1, 3, expireAtMs);
  if (context.feed.isActive) propagateExpiring(context, args, 3, expireAtMs);
  context.noted(args, 1, KeyEventClass.generic, 'expire');
  reply.simple('OK');
}

export function getsetCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (replyWithFound(context, args, reply) === null) return;
  setArgument(context, args, 1, 2, NO_EXPIRY);
  if (context.feed.isActive) context.propagation.instead('SET').argumentsFrom(args, 1);
}

/** False where there is nothing, null where there is no string. */
function replyWithFound(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): boolean | null {
  const found = findStringForRead(context, args, 1);
  if (found === null) return null;
  const { database } = context;
  if (found)
    reply.bulk(database.foundBytes, database.foundStart, database.foundEnd, database.foundView);
  else reply.null();
  return found;
}

export function getdelCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (!replyWithFound(context, args, reply)) return;
  deleteKey(context, args, 1);
  context.changed(args, 1, KeyEventClass.generic, 'del');
  if (context.feed.isActive) context.propagation.instead('DEL').argument(args, 1);
}

export function getexCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const parsed = optionsOf(args, 2, EXPIRY_OPTIONS | SetOption.persist);
  if (parsed === null) {
    context.error(SYNTAX_ERROR);
    return;
  }
  const found = findStringForRead(context, args, 1);
  if (found === null) return;
  if (!found) {
    reply.null();
    return;
  }
  const { options, expiryAt } = parsed;
  let expireAtMs = NO_EXPIRY;
  if (expiryAt > 0) {
    expireAtMs = expiryOf(context, args, expiryAt, expiryUnitOf(options), true);
    if (Number.isNaN(expireAtMs)) return;
  }
  const { database, slot, nowMs } = context;
  const { buffer, starts, ends } = args;
  reply.bulk(database.foundBytes, database.foundStart, database.foundEnd, database.foundView);
  if (expiryAt > 0 && expireAtMs <= nowMs && !context.isReplica) {
    deleteOutdated(context, args);
  } else if (expiryAt > 0) {
    database.setExpiry(slot, buffer, starts[1], ends[1], expireAtMs, nowMs);
    context.changed(args, 1, KeyEventClass.generic, 'expire');
    if (context.feed.isActive) {
      context.propagation.instead('PEXPIREAT').argument(args, 1).integer(expireAtMs);
    }
  } else if ((options & SetOption.persist) !== 0 && database.foundExpireAtMs !== NO_EXPIRY) {
    database.setExpiry(slot, buffer, starts[1], ends[1], NO_EXPIRY, nowMs);
    context.changed(args, 1, KeyEventClass.generic, 'persist');
    if (context.feed.isActive) context.propagation.instead('PERSIST').argument(args, 1);
  }
}

export function msetnxCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (args.count % 2 === 0) {
    context.arityError();
    return;
  }
  for (let i = 1; i < args.count; i += 2) {
    if (findForWrite(context, args, i)) {
      reply.integer(0);
      return;
    }
  }
  for (let i = 1; i < args.count; i += 2) setArgument(context, args, i, i + 1, NO_EXPIRY);
  reply.integer(1);
}
