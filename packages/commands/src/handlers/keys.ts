// Commands on keys of any type: removal, existence, type, access, drawing one, emptying databases.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { KeyEventClass } from '../key-events.ts';
import { deleteKey, findForRead, peekForRead } from '../lookup.ts';

export function delCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  let count = 0;
  for (let i = 1; i < args.count; i++) {
    if (!deleteKey(context, args, i)) continue;
    context.changed(args, i, KeyEventClass.generic, 'del');
    count++;
  }
  reply.integer(count);
}

/** Both give the memory of a large collection back in slices, after the reply; nothing is freed in another thread. */
export const unlinkCommand: typeof delCommand = delCommand;

export function existsCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  let count = 0;
  for (let i = 1; i < args.count; i++) if (peekForRead(context, args, i)) count++;
  reply.integer(count);
}

/** Notes an access whatever CLIENT NO-TOUCH says: that is what the command is for. */
export function touchCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  let count = 0;
  for (let i = 1; i < args.count; i++) {
    if (!findForRead(context, args, i)) continue;
    context.database.touch(context.nowMs);
    count++;
  }
  reply.integer(count);
}

export function typeCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  reply.simple(peekForRead(context, args, 1) ? context.database.foundType : 'none');
}

export function randomkeyCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  const key = context.database.randomKey(context.ports.random, context.nowMs);
  if (key === null) reply.null();
  else reply.bulk(key);
}

export function dbsizeCommand(context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  reply.integer(context.database.size);
}

export function flushdbCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (!isFlushForm(context, args)) return;
  context.keyEvents.flushed(context.session.database, context.session);
  context.database.clear();
  context.dirty = true;
  reply.simple('OK');
}

export function flushallCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  if (!isFlushForm(context, args)) return;
  context.keyEvents.flushed(-1, context.session);
  for (const database of context.databases) database.clear();
  context.dirty = true;
  reply.simple('OK');
}

/** ASYNC and SYNC are both fine: dropping everything takes no time here. */
function isFlushForm(context: CommandContext, args: Arguments): boolean {
  if (args.count === 1) return true;
  if (args.count === 2 && (isWord(args, 1, 'ASYNC') || isWord(args, 1, 'SYNC'))) return true;
  context.error(SYNTAX_ERROR);
  return false;
}
