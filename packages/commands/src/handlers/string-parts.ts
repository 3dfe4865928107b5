// Commands on parts of strings.

import { NO_EXPIRY } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER, STRING_TOO_LONG } from '../errors.ts';
import { KeyEventClass } from '../key-events.ts';
import { findStringForRead, findStringForWrite } from '../lookup.ts';
import { setArgument } from './strings.ts';

export function strlenCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const { database } = context;
  const found = findStringForRead(context, args, 1);
  if (found === null) return;
  reply.integer(found ? database.foundEnd - database.foundStart : 0);
}

export function appendCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const { database } = context;
  const { buffer, starts, ends } = args;
  const added = ends[2] - starts[2];
  const found = findStringForWrite(context, args, 1);
  if (found === null) return;
  if (!found) {
    setArgument(context, args, 1, 2, NO_EXPIRY, 'append');
    reply.integer(added);
    return;
  }
  const before = database.foundEnd - database.foundStart;
  if (before + added > context.settings.stringBytesMax) {
    context.error(STRING_TOO_LONG);
    return;
  }
  writeAt(context, args, 1, before, buffer, starts[2], ends[2]);
  context.changed(args, 1, KeyEventClass.string, 'append');
  reply.integer(before + added);
}

export function setrangeCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const offset = integerOf(args, 2);
  if (offset === null) {
    context.error(NOT_AN_INTEGER);
    return;
  }
  if (offset < 0) {
    context.error('ERR offset is out of range');
    return;
  }
  const { database } = context;
  const { buffer, starts, ends } = args;
  const found = findStringForWrite(context, args, 1);
  if (found === null) return;
  const length = found ? database.foundEnd - database.foundStart : 0;
  if (ends[3] === starts[3]) {
    reply.integer(length);
    return;
  }
  const end = Number(offset) + ends[3] - starts[3];
  if (end > context.settings.stringBytesMax) {
    context.error(STRING_TOO_LONG);
    return;
  }
  context.creating(args, 1);
  writeAt(context, args, 1, Number(offset), buffer, starts[3], ends[3], length);
  context.changed(args, 1, KeyEventClass.string, 'setrange');
  reply.integer(Math.max(length, end));
}

/** Writes `bytes[from, to)` into the string of argument `key` at `offset`, making it longer if need be. */
function writeAt(
  context: CommandContext,
  args: Arguments,
  key: number,
  offset: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  lengthBefore: number = offset,
): void {
  const { database, slot, nowMs } = context;
  const length = Math.max(lengthBefore, offset + to - from);
  database.reshape(slot, args.buffer, args.starts[key], args.ends[key], length, nowMs);
  database.foundBytes.set(bytes.subarray(from, to), database.foundStart + offset);
}

export function getrangeCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const first = integerOf(args, 2);
  const last = first === null ? null : integerOf(args, 3);
  if (first === null || last === null) {
    context.error(NOT_AN_INTEGER);
    return;
  }
  const { database } = context;
  const found = findStringForRead(context, args, 1);
  if (found === null) return;
  const length = found ? database.foundEnd - database.foundStart : 0;
  const range = byteRange(Number(first), Number(last), length);
  if (range === null) reply.text('');
  else {
    reply.bulk(
      database.foundBytes,
      database.foundStart + range.start,
      database.foundStart + range.end,
    );
  }
}

/** The older name. */
export const substrCommand: typeof getrangeCommand = getrangeCommand;

/**
 * What `first` to `last`, both inclusive, means in something of that length; negative numbers count from the end, and
 * what lies before the beginning is cut off there. `end` is exclusive; null = nothing.
 */
export function byteRange(
  first: number,
  last: number,
  length: number,
): { readonly start: number; readonly end: number } | null {
  if (first < 0 && last < 0 && first > last) return null;
  const start = Math.max(0, first < 0 ? first + length : first);
  const end = Math.min(length, Math.max(0, last < 0 ? last + length : last) + 1);
  return start < end ? { start, end } : null;
}
