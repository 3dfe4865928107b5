// Commands on keys of any type: removal, existence, type, expiry.

import { NO_EXPIRY } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { isWord, printedOf } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { expiryOf } from '../expiry.ts';

export function delCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const { buffer, starts, ends } = args;
  let count = 0;
  for (let i = 1; i < args.count; i++) {
    if (context.database.delete(context.slot, buffer, starts[i], ends[i], context.nowMs)) count++;
  }
  reply.integer(count);
}

/** Nothing is freed in another thread here; a value's memory is the collector's, which runs beside. */
export const unlinkCommand: typeof delCommand = delCommand;

export function existsCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  let count = 0;
  for (let i = 1; i < args.count; i++) if (findForRead(context, args, i)) count++;
  reply.integer(count);
}

export function typeCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const { database } = context;
  const found = database.find(
    context.slot,
    args.buffer,
    args.starts[1],
    args.ends[1],
    context.nowMs,
  );
  reply.simple(found ? database.foundType : 'none');
}

export function ttlCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const ttlMs = timeToLiveMs(context, args);
  reply.integer(ttlMs < 0 ? ttlMs : Math.floor((ttlMs + 500) / 1000));
}

export function pttlCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  reply.integer(timeToLiveMs(context, args));
}

/** -2: no such key, -1: it does not expire. */
function timeToLiveMs(context: CommandContext, args: Arguments): number {
  if (!findForRead(context, args, 1)) return -2;
  const { foundExpireAtMs } = context.database;
  return foundExpireAtMs === NO_EXPIRY ? -1 : Math.max(0, foundExpireAtMs - context.nowMs);
}

/** Looks a key up and counts whether it was there. */
function findForRead(context: CommandContext, args: Arguments, i: number): boolean {
  const { database, slot, nowMs } = context;
  const found = database.find(slot, args.buffer, args.starts[i], args.ends[i], nowMs);
  if (found) context.stats.keyspaceHits++;
  else context.stats.keyspaceMisses++;
  return found;
}

const NX = 1;
const XX = 2;
const GT = 4;
const LT = 8;

export function expireCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const conditions = expireConditions(context, args);
  if (conditions < 0) return;
  const expireAtMs = expiryOf(context, args, 2, { factorMs: 1000, isRelative: true }, false);
  if (Number.isNaN(expireAtMs)) return;
  const { database, slot, nowMs } = context;
  const { buffer, starts, ends } = args;
  if (!database.find(slot, buffer, starts[1], ends[1], nowMs)) {
    reply.integer(0);
    return;
  }
  if (!allows(conditions, database.foundExpireAtMs, expireAtMs)) {
    reply.integer(0);
    return;
  }
  if (expireAtMs <= nowMs) database.delete(slot, buffer, starts[1], ends[1], nowMs);
  else database.setExpiry(slot, buffer, starts[1], ends[1], expireAtMs, nowMs);
  reply.integer(1);
}

/** -1: the client has been told what is wrong. */
function expireConditions(context: CommandContext, args: Arguments): number {
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

export function dbsizeCommand(context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  reply.integer(context.database.size);
}

export function flushdbCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (!isFlushForm(context, args)) return;
  context.database.clear();
  reply.simple('OK');
}

export function flushallCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  if (!isFlushForm(context, args)) return;
  for (const database of context.ports.keyspace.databases) database.clear();
  reply.simple('OK');
}

/** ASYNC and SYNC are both fine: dropping everything at once takes no time here. */
function isFlushForm(context: CommandContext, args: Arguments): boolean {
  if (args.count === 1) return true;
  if (args.count === 2 && (isWord(args, 1, 'ASYNC') || isWord(args, 1, 'SYNC'))) return true;
  context.error(SYNTAX_ERROR);
  return false;
}
