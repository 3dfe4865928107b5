// MULTI, EXEC, DISCARD, WATCH, UNWATCH. Queueing itself is the processor's.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { latin1Of } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { EXEC_ABORT } from '../errors.ts';
import { findForWrite } from '../lookup.ts';
import { Transaction } from '../transaction.ts';

export function multiCommand(context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  if (context.session.transaction !== null) {
    context.error('ERR MULTI calls can not be nested');
    return;
  }
  context.session.transaction = new Transaction();
  reply.simple('OK');
}

export function discardCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  if (context.session.transaction === null) {
    context.error('ERR DISCARD without MULTI');
    return;
  }
  context.endTransaction();
  reply.simple('OK');
}

/** The routing of all the keys together has been looked at before. */
export function execCommand(context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  const { session } = context;
  const { transaction } = session;
  if (transaction === null) {
    context.error('ERR EXEC without MULTI');
    return;
  }
  const isStale =
    session.watchBroken ||
    context.withExpired('hide', () =>
      context.watchedKeys.hasExpired(session, context.databases, context.nowMs),
    );
  context.endTransaction();
  if (transaction.isBroken) {
    context.error(`${EXEC_ABORT} previous errors.`);
    return;
  }
  if (isStale) {
    reply.nullArray();
    return;
  }
  reply.array(transaction.queue.length);
  for (const { command, args } of transaction.queue) context.runInTransaction(command, args);
}

export function watchCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const { session, slot } = context;
  if (session.transaction !== null) {
    context.error('ERR WATCH inside MULTI is not allowed');
    return;
  }
  if (!session.watchBroken) {
    for (let i = 1; i < args.count; i++) {
      const { touchOnFind } = context.database;
      context.database.touchOnFind = false;
      const existed = context.withExpired('hide', () => findForWrite(context, args, i));
      context.database.touchOnFind = touchOnFind;
      const { database } = session;
      context.watchedKeys.add(session, { database, key: latin1Of(args, i), slot, existed });
    }
    context.keyEvents.update();
  }
  reply.simple('OK');
}

export function unwatchCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  context.unwatch();
  reply.simple('OK');
}
