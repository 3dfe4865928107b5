// BITOP: a string made of others, bit by bit. Shorter strings and missing keys count as zeros.

import { NO_EXPIRY } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { KeyEventClass } from '../key-events.ts';
import { deleteKey, findStringForRead } from '../lookup.ts';

const OPERATIONS = ['AND', 'OR', 'XOR', 'NOT'] as const;
type Operation = (typeof OPERATIONS)[number];

export function bitopCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const operation = OPERATIONS.find((word) => isWord(args, 1, word));
  if (operation === undefined) {
    context.error(SYNTAX_ERROR);
    return;
  }
  if (operation === 'NOT' && args.count !== 4) {
    context.error('ERR BITOP NOT must be called with a single source key.');
    return;
  }
  const result = combine(context, args, operation);
  if (result === null) return;
  const { buffer, starts, ends } = args;
  if (result.length === 0) {
    if (deleteKey(context, args, 2)) context.changed(args, 2, KeyEventClass.generic, 'del');
  } else {
    const { database, slot } = context;
    context.creating(args, 2);
    database.setValue(slot, buffer, starts[2], ends[2], result, 0, result.length, NO_EXPIRY);
    context.changed(args, 2, KeyEventClass.string, 'set');
  }
  reply.integer(result.length);
}

/** As long as the longest of the strings; null where one is none, and the client has been told so. */
function combine(
  context: CommandContext,
  args: Arguments,
  operation: Operation,
): Uint8Array | null {
  const { database } = context;
  let result: Uint8Array = new Uint8Array(0);
  for (let i = 3; i < args.count; i++) {
    const found = findStringForRead(context, args, i);
    if (found === null) return null;
    const { foundBytes, foundStart, foundEnd } = database;
    const length = found ? foundEnd - foundStart : 0;
    if (i === 3) {
      result = foundBytes.slice(foundStart, foundStart + length);
      if (operation === 'NOT') for (let at = 0; at < length; at++) result[at] = ~result[at];
      continue;
    }
    if (length > result.length) {
      const longer = new Uint8Array(length);
      longer.set(result);
      result = longer;
    }
    apply(operation, result, foundBytes, foundStart, length);
  }
  return result;
}

function apply(
  operation: Operation,
  result: Uint8Array,
  bytes: Uint8Array,
  start: number,
  length: number,
): void {
  if (operation === 'AND') {
    for (let at = 0; at < length; at++) result[at] &= bytes[start + at];
    result.fill(0, length);
  } else if (operation === 'OR') {
    for (let at = 0; at < length; at++) result[at] |= bytes[start + at];
  } else {
    for (let at = 0; at < length; at++) result[at] ^= bytes[start + at];
  }
}
