// SLOWLOG.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { replyWithHelp } from '../help.ts';

const DEFAULT_COUNT = 10;

export const slowlogHelpCommand: typeof replyWithHelp = replyWithHelp;

export function slowlogGetCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  if (args.count > 3) {
    context.subcommandError('GET');
    return;
  }
  const count = args.count === 3 ? integerOf(args, 2) : DEFAULT_COUNT;
  if (count === null || count < -1) {
    context.error('ERR count should be greater than or equal to -1');
    return;
  }
  const { slowLog } = context.observer;
  const entries = slowLog.entries(count < 0 ? slowLog.length : Number(count));
  reply.array(entries.length);
  for (const entry of entries) {
    reply.array(6);
    reply.integer(entry.id);
    reply.integer(entry.unixSeconds);
    reply.integer(entry.microseconds);
    reply.array(entry.args.length);
    for (const arg of entry.args) reply.bulk(arg);
    reply.text(entry.address);
    reply.text(entry.name);
  }
}

export function slowlogLenCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  reply.integer(context.observer.slowLog.length);
}

export function slowlogResetCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  context.observer.slowLog.clear();
  reply.simple('OK');
}
