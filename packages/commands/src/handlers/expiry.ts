// When keys expire: the EXPIRE and TTL families, PERSIST.

import { NO_EXPIRY } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { isWord, printedOf } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import {
  expiryOf,
  MILLISECONDS,
  SECONDS,
  type TimeUnit,
  UNIX_MILLISECONDS,
  UNIX_SECONDS,
} from '../expiry.ts';
import { KeyEventClass } from '../key-events.ts';
import { deleteOutdated, findForWrite, peekForRead } from '../lookup.ts';

const NX = 1;
const XX = 2;
const GT = 4;
const LT = 8;

export function expireCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  expire(context, args, reply, SECONDS);
}

export function pexpireCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  expire(context, args, reply, MILLISECONDS);
}

export function expireatCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  expire(context, args, reply, UNIX_SECONDS);
}

export function pexpireatCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  expire(context, args, reply, UNIX_MILLISECONDS);
}

/** A time that is over already deletes the key. */
function expire(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  unit: TimeUnit,
): void {
  const conditions = conditionsOf(context, args);
  if (conditions < 0) return;
  const expireAtMs = expiryOf(context, args, 2, unit, false);
  if (Number.isNaN(expireAtMs)) return;
  const { database, slot, nowMs } = context;
  const { buffer, starts, ends } = args;
  if (
    !findForWrite(context, args, 1) ||
    !allows(conditions, database.foundExpireAtMs, expireAtMs)
  ) {
    reply.integer(0);
    return;
  }
  if (expireAtMs <= nowMs && !context.isReplica) {
    deleteOutdated(context, args);
  } else {
    database.setExpiry(slot, buffer, starts[1], ends[1], expireAtMs, nowMs);
    context.changed(args, 1, KeyEventClass.generic, 'expire');
    if (context.feed.isActive && unit !== UNIX_MILLISECONDS) {
      const { propagation } = context;
      propagation.instead('PEXPIREAT').argument(args, 1).integer(expireAtMs).argumentsFrom(args, 3);
    }
  }
  reply.integer(1);
}

/** -1: the client has been told what is wrong. */
function conditionsOf(context: CommandContext, args: Arguments): number {
  let conditions = 0;
  for (let i = 3; i < args.count; i++) {
    if (isWord(args, i, 'NX')) conditions |= NX;
    else if (isWord(args, i, 'XX')) conditions |= XX;
    else if (isWord(args, i, 'GT')) conditions |= GT;
    else if (isWord(args, i, 'LT')) conditions |= LT;
    else {
      context.error(`ERR Unsupported option ${printedOf(args, i)}`);
      return -1;
    }
  }
  if ((conditions & NX) !== 0 && (conditions & (XX | GT | LT)) !== 0) {
    context.error('ERR NX and XX, GT or LT options at the same time are not compatible');
    return -1;
  }
  if ((conditions & GT) !== 0 && (conditions & LT) !== 0) {
    context.error('ERR GT and LT options at the same time are not compatible');
    return -1;
  }
  return conditions;
}

/** A key that does not expire counts as one that expires never: later than every time. */
function allows(conditions: number, current: number, wanted: number): boolean {
  if ((conditions & NX) !== 0 && current !== NO_EXPIRY) return false;
  if ((conditions & XX) !== 0 && current === NO_EXPIRY) return false;
  if ((conditions & GT) !== 0 && (current === NO_EXPIRY || wanted <= current)) return false;
  return (conditions & LT) === 0 || current === NO_EXPIRY || wanted < current;
}

export function ttlCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  replyWithTime(context, args, reply, SECONDS);
}

export function pttlCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  replyWithTime(context, args, reply, MILLISECONDS);
}

export function expiretimeCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  replyWithTime(context, args, reply, UNIX_SECONDS);
}

export function pexpiretimeCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  replyWithTime(context, args, reply, UNIX_MILLISECONDS);
}

/** -2: no such key, -1: it does not expire. Seconds are rounded to the nearest. */
function replyWithTime(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  { factorMs, isRelative }: TimeUnit,
): void {
  if (!peekForRead(context, args, 1)) {
    reply.integer(-2);
    return;
  }
  const { foundExpireAtMs } = context.database;
  if (foundExpireAtMs === NO_EXPIRY) {
    reply.integer(-1);
    return;
  }
  const timeMs = Math.max(0, foundExpireAtMs - (isRelative ? context.nowMs : 0));
  reply.integer(factorMs === 1 ? timeMs : Math.floor((timeMs + 500) / 1000));
}

export function persistCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const { database, slot, nowMs } = context;
  const { buffer, starts, ends } = args;
  const expires = findForWrite(context, args, 1) && database.foundExpireAtMs !== NO_EXPIRY;
  if (expires) {
    database.setExpiry(slot, buffer, starts[1], ends[1], NO_EXPIRY, nowMs);
    context.changed(args, 1, KeyEventClass.generic, 'persist');
  }
  reply.integer(expires ? 1 : 0);
}
