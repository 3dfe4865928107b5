// CLIENT: the connection's own settings.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf, isWord, latin1Of, printedOf } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import { replyWithHelp } from '../help.ts';
import { clientLine } from './client-list.ts';

const UNBLOCKED = 'UNBLOCKED client unblocked via CLIENT UNBLOCK';

export { clientKillCommand, clientListCommand } from './client-list.ts';

export const clientHelpCommand: typeof replyWithHelp = replyWithHelp;

/** Null if clients may be called that: printable ASCII without spaces, or nothing at all. */
export function clientNameError(name: string): string | null {
  return isPrintable(name)
    ? null
    : 'ERR Client names cannot contain spaces, newlines or special characters.';
}

function isPrintable(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x21 || code > 0x7e) return false;
  }
  return true;
}

export function clientIdCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  reply.integer(context.session.id);
}

export function clientInfoCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  reply.verbatim('txt', `${clientLine(context.session, context.nowMs)}\n`);
}

export function clientSetnameCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const name = latin1Of(args, 2);
  const problem = clientNameError(name);
  if (problem !== null) {
    context.error(problem);
    return;
  }
  context.session.name = name;
  reply.simple('OK');
}

export function clientGetnameCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  if (context.session.name === '') reply.null();
  else reply.text(context.session.name);
}

export function clientSetinfoCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const isName = isWord(args, 2, 'LIB-NAME');
  if (!isName && !isWord(args, 2, 'LIB-VER')) {
    context.error(`ERR Unrecognized option '${printedOf(args, 2)}'`);
    return;
  }
  const value = latin1Of(args, 3);
  if (!isPrintable(value)) {
    const option = printedOf(args, 2);
    context.error(`ERR ${option} cannot contain spaces, newlines or special characters.`);
    return;
  }
  if (isName) context.session.libraryName = value;
  else context.session.libraryVersion = value;
  reply.simple('OK');
}

export function clientReplyCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const { session } = context;
  if (isWord(args, 2, 'ON')) {
    session.replyMode = 'on';
    reply.simple('OK');
  } else if (isWord(args, 2, 'OFF')) {
    session.replyMode = 'off';
  } else if (isWord(args, 2, 'SKIP')) {
    if (session.replyMode !== 'off') session.replyMode = 'skipNext';
  } else {
    context.error(SYNTAX_ERROR);
  }
}

/** Sets what the client switches ON or OFF, or says that it is neither. */
function setSwitch(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  name: 'noEvict' | 'noTouch',
): void {
  const on = isWord(args, 2, 'ON');
  if (!on && !isWord(args, 2, 'OFF')) {
    context.error(SYNTAX_ERROR);
    return;
  }
  context.session[name] = on;
  reply.simple('OK');
}

export function clientNoEvictCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  setSwitch(context, args, reply, 'noEvict');
}

export function clientNoTouchCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  setSwitch(context, args, reply, 'noTouch');
}

/** Clients that wait for the end of a pause are not woken. */
export function clientUnblockCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  if (args.count > 4) context.subcommandError(latin1Of(args, 1));
  else if (args.count === 4 && !isWord(args, 3, 'TIMEOUT') && !isWord(args, 3, 'ERROR')) {
    context.error('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
  } else if (integerOf(args, 2) === null) context.error(NOT_AN_INTEGER);
  else {
    const asError = args.count === 4 && isWord(args, 3, 'ERROR');
    unblock(context, Number(integerOf(args, 2)), asError, reply);
  }
}

/** As if the time of its wait were over, or with an error. */
function unblock(context: CommandContext, id: number, asError: boolean, reply: ReplyWriter): void {
  const session = context.clients.get(id);
  const blocked = session?.blocked ?? null;
  if (session === undefined || blocked === null || !blocked.canBeEnded) {
    reply.integer(0);
    return;
  }
  context.blocked.release(session, () => {
    if (!asError) blocked.timedOut();
    else {
      session.reply.error(UNBLOCKED);
      context.stats.countError(UNBLOCKED);
    }
  });
  reply.integer(1);
}
