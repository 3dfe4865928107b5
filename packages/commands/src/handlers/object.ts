// OBJECT: how a value is stored and when it was used.

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

/** What Redis would call the string that `find` has found: there is one form here. */
export function encodingOf(context: CommandContext): 'int' | 'embstr' | 'raw' {
  const { foundBytes, foundStart, foundEnd } = context.database;
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
  const { foundBytes, foundStart, foundEnd } = context.database;
  const value = parseInteger(foundBytes, foundStart, foundEnd);
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
