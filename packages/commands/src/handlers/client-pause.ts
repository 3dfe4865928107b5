// CLIENT PAUSE and UNPAUSE. Which commands wait is the processor's to decide.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf, isWord, latin1Of } from '../bytes.ts';
import type { CommandContext } from '../context.ts';

/** Later ends than this do not fit 64 bits, whatever the time is now. */
const END_MS_MAX = 9_223_372_036_854_775_807n;

export function clientPauseCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  if (args.count > 4) {
    context.subcommandError(latin1Of(args, 1));
    return;
  }
  const onlyWrites = args.count === 4 && isWord(args, 3, 'WRITE');
  if (args.count === 4 && !onlyWrites && !isWord(args, 3, 'ALL')) {
    context.error('ERR CLIENT PAUSE mode must be WRITE or ALL');
    return;
  }
  const timeout = integerOf(args, 2);
  if (timeout === null) {
    context.error('ERR timeout is not an integer or out of range');
  } else if (timeout < 0) {
    context.error('ERR timeout is negative');
  } else if (BigInt(timeout) + BigInt(context.nowMs) > END_MS_MAX) {
    context.error('ERR timeout is out of range');
  } else {
    context.pause.begin(onlyWrites ? 'write' : 'all', context.nowMs + Number(timeout));
    reply.simple('OK');
  }
}

export function clientUnpauseCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  context.pause.end();
  reply.simple('OK');
}
