// SETBIT, GETBIT, BITCOUNT, BITPOS.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { bitOffsetOf, countBitRange, findBit } from '../bits.ts';
import { integerOf, isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { BIT_OFFSET_ERROR, NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import { KeyEventClass } from '../key-events.ts';
import { findStringForRead, findStringForWrite } from '../lookup.ts';
import { byteRange } from './string-parts.ts';

export function setbitCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const offset = bitOffsetOf(args, 2, context.settings.stringBytesMax);
  if (offset === null) {
    context.error(BIT_OFFSET_ERROR);
    return;
  }
  const bit = integerOf(args, 3);
  if (bit !== 0 && bit !== 1) {
    context.error('ERR bit is not an integer or out of range');
    return;
  }
  const { database, slot, nowMs } = context;
  const { buffer, starts, ends } = args;
  const place = Math.floor(offset / 8);
  const mask = 0x80 >> (offset % 8);
  const found = findStringForWrite(context, args, 1);
  if (found === null) return;
  const length = found ? database.foundEnd - database.foundStart : 0;
  if (place >= length) {
    if (!found) context.creating(args, 1);
    database.reshape(slot, buffer, starts[1], ends[1], place + 1, nowMs);
  }
  const before = (database.foundBytes[database.foundStart + place] & mask) !== 0 ? 1 : 0;
  if (before !== bit) {
    // Also where the length is right already: whoever keeps the value must hear of the write.
    if (place < length) database.reshape(slot, buffer, starts[1], ends[1], length, nowMs);
    database.foundBytes[database.foundStart + place] ^= mask;
  }
  if (before !== bit || place >= length) {
    context.changed(args, 1, KeyEventClass.string, 'setbit');
  }
  reply.integer(before);
}

export function getbitCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const offset = bitOffsetOf(args, 2, context.settings.stringBytesMax);
  if (offset === null) {
    context.error(BIT_OFFSET_ERROR);
    return;
  }
  const { database } = context;
  const found = findStringForRead(context, args, 1);
  if (found === null) return;
  const at = database.foundStart + Math.floor(offset / 8);
  const isSet =
    found && at < database.foundEnd && (database.foundBytes[at] & (0x80 >> (offset % 8))) !== 0;
  reply.integer(isSet ? 1 : 0);
}

/** Whether argument `i` says that a range counts bits, not bytes; null: it says neither, and the client knows. */
function countsBits(context: CommandContext, args: Arguments, i: number): boolean | null {
  if (i >= args.count || isWord(args, i, 'BYTE')) return false;
  if (isWord(args, i, 'BIT')) return true;
  context.error(SYNTAX_ERROR);
  return null;
}

/** The integer of argument `i`; null: it is none, and the client has been told so. */
function numberAt(context: CommandContext, args: Arguments, i: number): number | null {
  const value = integerOf(args, i);
  if (value !== null) return Number(value);
  context.error(NOT_AN_INTEGER);
  return null;
}

export function bitcountCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const { database } = context;
  const found = findStringForRead(context, args, 1);
  if (found === null) return;
  if (!found) {
    reply.integer(0);
    return;
  }
  const { foundBytes, foundStart } = database;
  const bits = (database.foundEnd - foundStart) * 8;
  let range = byteRange(0, -1, bits);
  if (args.count === 4 || args.count === 5) {
    const first = numberAt(context, args, 2);
    const last = first === null ? null : numberAt(context, args, 3);
    if (first === null || last === null) return;
    const isBits = countsBits(context, args, 4);
    if (isBits === null) return;
    range = bitRange(first, last, bits, isBits);
  } else if (args.count !== 2) {
    context.error(SYNTAX_ERROR);
    return;
  }
  reply.integer(
    range === null ? 0 : countBitRange(foundBytes, foundStart, range.start, range.end - 1),
  );
}

/** A range of bits, given in bits or in bytes. */
function bitRange(
  first: number,
  last: number,
  bits: number,
  isBits: boolean,
): ReturnType<typeof byteRange> {
  if (isBits) return byteRange(first, last, bits);
  const range = byteRange(first, last, bits / 8);
  return range === null ? null : { start: range.start * 8, end: range.end * 8 };
}

export function bitposCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const bit = numberAt(context, args, 2);
  if (bit === null) return;
  if (bit !== 0 && bit !== 1) {
    context.error('ERR The bit argument must be 1 or 0.');
    return;
  }
  const { database } = context;
  const isThere = findStringForRead(context, args, 1);
  if (isThere === null) return;
  // A key that is missing is a row of zeros without an end.
  if (!isThere) {
    reply.integer(bit === 1 ? -1 : 0);
    return;
  }
  const { foundBytes, foundStart } = database;
  const bits = (database.foundEnd - foundStart) * 8;
  if (args.count > 6) {
    context.error(SYNTAX_ERROR);
    return;
  }
  const first = args.count > 3 ? numberAt(context, args, 3) : 0;
  if (first === null) return;
  const isBits = countsBits(context, args, 5);
  if (isBits === null) return;
  const last = args.count > 4 ? numberAt(context, args, 4) : -1;
  if (last === null) return;
  const range = bitRange(first, last, bits, isBits);
  if (range === null) {
    reply.integer(-1);
    return;
  }
  const found = findBit(foundBytes, foundStart, range.start, range.end - 1, bit);
  // Zeros follow the string, unless the client said where to stop.
  reply.integer(found < 0 && bit === 0 && args.count <= 4 ? bits : found);
}
