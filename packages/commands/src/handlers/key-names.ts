// Commands that give a value another key or another database.

import type { Database } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { databaseNumberOf, NO_SUCH_DATABASE } from '../databases.ts';
import { NO_SUCH_KEY, SYNTAX_ERROR } from '../errors.ts';
import { KeyEventClass } from '../key-events.ts';
import { findForRead, findForWrite } from '../lookup.ts';

const SAME_OBJECT = 'ERR source and destination objects are the same';

export function renameCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  rename(context, args, reply, false);
}

export function renamenxCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  rename(context, args, reply, true);
}

function rename(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  onlyIfFree: boolean,
): void {
  if (!findForWrite(context, args, 1)) {
    context.error(NO_SUCH_KEY);
    return;
  }
  const isSame = isSameKey(args, 1, 2);
  if (isSame || (onlyIfFree && findForWrite(context, args, 2))) {
    if (onlyIfFree) reply.integer(0);
    else reply.simple('OK');
    return;
  }
  context.creating(args, 2);
  moveTo(context, args, context.database, 2);
  context.changed(args, 1, KeyEventClass.generic, 'rename_from');
  context.changed(args, 2, KeyEventClass.generic, 'rename_to');
  if (onlyIfFree) reply.integer(1);
  else reply.simple('OK');
}

function isSameKey(args: Arguments, i: number, j: number): boolean {
  const { buffer, starts, ends } = args;
  const length = ends[i] - starts[i];
  if (ends[j] - starts[j] !== length) return false;
  for (let at = 0; at < length; at++) {
    if (buffer[starts[i] + at] !== buffer[starts[j] + at]) return false;
  }
  return true;
}

/** Gives the value of the key of argument 1, expiry and all, to the key of argument `to`. Nothing large is copied. */
function moveTo(context: CommandContext, args: Arguments, target: Database, to: number): void {
  const { database, slot, nowMs } = context;
  const { buffer, starts, ends } = args;
  const value = database.detach(slot, buffer, starts[1], ends[1], nowMs);
  if (value === null) throw new Error('a key that was found is missing');
  try {
    target.attach(slot, buffer, starts[to], ends[to], value);
  } catch (error) {
    // The target is full. Where the value was there is room for it still.
    database.attach(slot, buffer, starts[1], ends[1], value);
    throw error;
  }
}

/** Stores a copy of the value of the key of argument 1, expiry and all, under the key of argument 2. */
function copyTo(context: CommandContext, args: Arguments, target: Database): void {
  const { database, slot } = context;
  const { buffer, starts, ends } = args;
  findForWrite(context, args, 1);
  const { foundStructure, foundKind, foundBytes, foundStart, foundEnd, foundExpireAtMs } = database;
  if (foundStructure !== null) {
    const copy = foundStructure.clone();
    target.setStructure(slot, buffer, starts[2], ends[2], copy, foundExpireAtMs);
    return;
  }
  target.setCompact(
    slot,
    buffer,
    starts[2],
    ends[2],
    foundKind,
    foundBytes,
    foundStart,
    foundEnd,
    foundExpireAtMs,
  );
}

interface CopyOptions {
  /** Number of the database to copy to. */
  database: number;
  replace: boolean;
}

export function copyCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const options = copyOptions(context, args);
  if (options === null) return;
  const { session } = context;
  if (context.ports.cluster !== null && options.database !== 0) {
    context.error('ERR Copying to another database is not allowed in cluster mode');
    return;
  }
  if (options.database === session.database && isSameKey(args, 1, 2)) {
    context.error(SAME_OBJECT);
    return;
  }
  const target = context.databases[options.database];
  const { buffer, starts, ends } = args;
  const isThere = (): boolean =>
    target.find(context.slot, buffer, starts[2], ends[2], context.nowMs);
  if (!findForRead(context, args, 1) || (!options.replace && isThere())) {
    reply.integer(0);
    return;
  }
  if (!isThere()) createdIn(context, args, 2, options.database);
  copyTo(context, args, target);
  changedIn(context, args, 2, options.database, 'copy_to');
  reply.integer(1);
}

/** Tells of a new key in a database that need not be the session's. */
function createdIn(context: CommandContext, args: Arguments, i: number, database: number): void {
  const { buffer, starts, ends } = args;
  context.keyEvents.publish(database, buffer, starts[i], ends[i], KeyEventClass.created, 'new');
}

/** Tells of a change in a database that need not be the session's. */
function changedIn(
  context: CommandContext,
  args: Arguments,
  i: number,
  database: number,
  event: string,
): void {
  const { keyEvents, session } = context;
  context.dirty = true;
  if (!keyEvents.isObserved) return;
  const { buffer, starts, ends } = args;
  keyEvents.touched(database, buffer, starts[i], ends[i], session);
  keyEvents.publish(database, buffer, starts[i], ends[i], KeyEventClass.generic, event);
}

/** In cluster mode there is one, but the numbers of the others are read as if they were there. */
function databaseCount(context: CommandContext): number {
  return context.ports.cluster === null ? context.databases.length : context.settings.databases;
}

function copyOptions(context: CommandContext, args: Arguments): CopyOptions | null {
  const options = { database: context.session.database, replace: false };
  for (let i = 3; i < args.count; i++) {
    if (isWord(args, i, 'REPLACE')) options.replace = true;
    else if (isWord(args, i, 'DB') && i + 1 < args.count) {
      const number = databaseNumberOf(context, args, ++i);
      if (number === null) return null;
      if (number < 0 || number >= databaseCount(context)) {
        context.error(NO_SUCH_DATABASE);
        return null;
      }
      options.database = number;
    } else {
      context.error(SYNTAX_ERROR);
      return null;
    }
  }
  return options;
}

export function moveCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (context.ports.cluster !== null) {
    context.error('ERR MOVE is not allowed in cluster mode');
    return;
  }
  const number = databaseNumberOf(context, args, 2);
  if (number === null) return;
  const { databases, session } = context;
  if (number < 0 || number >= databases.length) {
    context.error(NO_SUCH_DATABASE);
    return;
  }
  if (number === session.database) {
    context.error(SAME_OBJECT);
    return;
  }
  const target = databases[number];
  const { buffer, starts, ends } = args;
  if (
    !findForWrite(context, args, 1) ||
    target.find(context.slot, buffer, starts[1], ends[1], context.nowMs)
  ) {
    reply.integer(0);
    return;
  }
  createdIn(context, args, 1, number);
  moveTo(context, args, target, 1);
  context.changed(args, 1, KeyEventClass.generic, 'move_from');
  changedIn(context, args, 1, number, 'move_to');
  reply.integer(1);
}

/** The databases themselves stay where they are: their numbers change places. */
export function swapdbCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (context.ports.cluster !== null) {
    context.error('ERR SWAPDB is not allowed in cluster mode');
    return;
  }
  const first = databaseNumberOf(context, args, 1, 'ERR invalid first DB index');
  if (first === null) return;
  const second = databaseNumberOf(context, args, 2, 'ERR invalid second DB index');
  if (second === null) return;
  const { databases } = context;
  const exists = (number: number): boolean => number >= 0 && number < databases.length;
  if (!exists(first) || !exists(second)) {
    context.error(NO_SUCH_DATABASE);
    return;
  }
  context.dirty = true;
  if (first !== second) {
    context.withExpired('keep', () =>
      context.watchedKeys.swapping(databases, first, second, context.nowMs),
    );
    [databases[first], databases[second]] = [databases[second], databases[first]];
    context.database = databases[context.session.database];
  }
  reply.simple('OK');
}
