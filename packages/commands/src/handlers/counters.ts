// Hot path: INCR and its kin; bench in bench/execute.bench.ts. A number is kept as its digits, which are changed in place.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import {
  integerLength,
  integerOf,
  latin1,
  latin1Bytes,
  parseInteger,
  writeInteger,
} from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER } from '../errors.ts';
import { KeyEventClass } from '../key-events.ts';
import { LongDouble } from '../long-double.ts';
import { findStringForWrite } from '../lookup.ts';

const INT64_MAX = 9_223_372_036_854_775_807n;
const INT64_MIN = -9_223_372_036_854_775_808n;
const NOT_A_FLOAT = 'ERR value is not a valid float';

export function incrCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  add(context, args, reply, 1);
}

export function decrCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  add(context, args, reply, -1);
}

export function incrbyCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const by = integerOf(args, 2);
  if (by === null) context.error(NOT_AN_INTEGER);
  else add(context, args, reply, by);
}

export function decrbyCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const by = integerOf(args, 2);
  if (by === null) context.error(NOT_AN_INTEGER);
  else if (by === INT64_MIN) context.error('ERR decrement would overflow');
  else add(context, args, reply, -by);
}

function add(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  by: number | bigint,
): void {
  const { database } = context;
  let value: number | bigint | null = 0;
  const exists = findStringForWrite(context, args, 1);
  if (exists === null) return;
  if (exists) {
    value = parseInteger(database.foundBytes, database.foundStart, database.foundEnd);
    if (value === null) {
      context.error(NOT_AN_INTEGER);
      return;
    }
  } else {
    context.creating(args, 1);
  }
  const sum = sumOf(value, by);
  if (sum === null) {
    context.error('ERR increment or decrement would overflow');
    return;
  }
  storeDigits(context, args, exists, sum);
  context.changed(args, 1, KeyEventClass.string, 'incrby');
  reply.integer(sum);
}

/** Null where the sum leaves 64 bits. */
function sumOf(a: number | bigint, b: number | bigint): number | bigint | null {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const wide = BigInt(a) + BigInt(b);
  return wide > INT64_MAX || wide < INT64_MIN ? null : wide;
}

/** In the place of the value; where there is one it has just been found. */
function storeDigits(
  context: CommandContext,
  args: Arguments,
  exists: boolean,
  value: number | bigint,
): void {
  const { database, slot, nowMs } = context;
  const length = integerLength(value);
  if (exists) database.reshapeFound(length);
  else {
    const { buffer, starts, ends } = args;
    database.reshape(slot, buffer, starts[1], ends[1], length, nowMs);
  }
  writeInteger(database.foundBytes, database.foundStart, length, value);
}

export function incrbyfloatCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const { database, slot, nowMs } = context;
  const { buffer, starts, ends } = args;
  let value: LongDouble | null = LongDouble.ZERO;
  const found = findStringForWrite(context, args, 1);
  if (found === null) return;
  if (found) {
    const { foundBytes, foundStart, foundEnd } = database;
    value = LongDouble.parse(latin1(foundBytes, foundStart, foundEnd));
  }
  const by = value === null ? null : LongDouble.parse(latin1(buffer, starts[2], ends[2]));
  if (value === null || by === null) {
    context.error(NOT_A_FLOAT);
    return;
  }
  const sum = value.plus(by);
  if (sum === null) {
    context.error('ERR increment would produce NaN or Infinity');
    return;
  }
  context.creating(args, 1);
  const text = latin1Bytes(sum.toString());
  database.reshape(slot, buffer, starts[1], ends[1], text.length, nowMs);
  database.foundBytes.set(text, database.foundStart);
  context.changed(args, 1, KeyEventClass.string, 'incrbyfloat');
  // Not the sum again: another machine may compute it otherwise.
  if (context.feed.isActive) {
    const set = context.propagation.instead('SET').argument(args, 1);
    set.bytes(text, 0, text.length).word('KEEPTTL');
  }
  reply.bulk(text);
}
