// OBJECT: how a value is stored and when it was used.

import { ValueKind } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { parseInteger } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { replyWithHelp } from '../help.ts';
import { peekForRead } from '../lookup.ts';

/** Longest string that Redis keeps beside its header. */
const EMBEDDED_BYTES_MAX = 44;
/** Integers below are one object that all keys share. */
const SHARED_INTEGERS = 10_000;
const SHARED_REFERENCES = 0x7fff_ffff;
const ADJUSTMENT = 'LRU and LFU data will take some time to adjust.';

export const objectHelpCommand: typeof replyWithHelp = replyWithHelp;

/** What Redis calls the compact bytes of a small collection. */
const COMPACT_ENCODING = 'listpack';

/**
 * What Redis would call the form of the value that `find` has found. Strings have one form here, other values two:
 * compact bytes, and structures, which know what theirs is called.
 */
export function encodingOf(context: CommandContext): string {
  const { foundKind, foundBytes, foundStart, foundEnd, foundStructure } = context.database;
  if (foundStructure !== null) return foundStructure.encoding;
  if (foundKind !== ValueKind.string) return COMPACT_ENCODING;
  if (parseInteger(foundBytes, foundStart, foundEnd) !== null) return 'int';
  return foundEnd - foundStart <= EMBEDDED_BYTES_MAX ? 'embstr' : 'raw';
}

export function objectEncodingCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  if (peekForRead(context, args, 2)) reply.text(encodingOf(context));
  else reply.null();
}

export function objectRefcountCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  if (!peekForRead(context, args, 2)) {
    reply.null();
    return;
  }
  const { foundKind, foundBytes, foundStart, foundEnd } = context.database;
  const isString = foundKind === ValueKind.string;
  const value = isString ? parseInteger(foundBytes, foundStart, foundEnd) : null;
  const isShared = value !== null && value >= 0 && value < SHARED_INTEGERS;
  reply.integer(isShared ? SHARED_REFERENCES : 1);
}

const isLfu = (context: CommandContext): boolean => context.settings.memory.policy.endsWith('lfu');

export function objectIdletimeCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  if (!peekForRead(context, args, 2)) reply.null();
  else if (isLfu(context)) {
    context.error(
      'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when ' +
        `switching between policies at runtime ${ADJUSTMENT}`,
    );
  } else reply.integer(Math.floor(context.database.foundIdleMs / 1000));
}

export function objectFreqCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  if (!peekForRead(context, args, 2)) reply.null();
  else if (!isLfu(context)) {
    context.error(
      'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note ' +
        `that when switching between policies at runtime ${ADJUSTMENT}`,
    );
  } else reply.integer(context.database.foundFrequency);
}
