// SAVE, BGSAVE and LASTSAVE. The file is the port's.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import type { Blocked } from '../blocked.ts';
import { isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import type { SaveOutcome } from '../persistence-port.ts';

const IN_PROGRESS = 'ERR Background save already in progress';
/** The real server says no more than this either; its log does. */
const FAILED = 'ERR';
const NOT_SUPPORTED = 'ERR this server keeps keys in memory only';

/** Over by itself when the file is written, and by nothing else. */
const UNTIL_SAVED: Blocked = {
  deadlineMs: Number.POSITIVE_INFINITY,
  canBeEnded: false,
  timedOut: () => undefined,
};

export function saveCommand(context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  const { persistence } = context.ports;
  if (persistence == null) {
    context.error(NOT_SUPPORTED);
    return;
  }
  const { session, blocked } = context;
  const answer = (outcome: SaveOutcome): void => {
    if (outcome === 'ok') {
      reply.simple('OK');
      return;
    }
    const text = outcome === 'inProgress' ? IN_PROGRESS : FAILED;
    context.stats.countError(text);
    reply.error(text);
  };
  let isRunning = true;
  let isAnswered = false;
  persistence.save((outcome) => {
    isAnswered = true;
    if (isRunning) answer(outcome);
    else blocked.release(session, () => answer(outcome));
    if (!isRunning) context.resumeReleased();
  });
  isRunning = false;
  if (!isAnswered) blocked.block(session, UNTIL_SAVED);
}

/** In a transaction the file is written after it. */
export function bgsaveCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const schedule = args.count === 2 && isWord(args, 1, 'SCHEDULE');
  if (args.count > 1 && !schedule) {
    context.error(SYNTAX_ERROR);
    return;
  }
  const { persistence } = context.ports;
  if (persistence == null) {
    context.error(NOT_SUPPORTED);
    return;
  }
  const outcome = persistence.saveInBackground(schedule || context.inTransaction);
  if (outcome === 'inProgress') context.error(IN_PROGRESS);
  else if (outcome === 'failed') context.error(FAILED);
  else if (outcome === 'scheduled' || context.inTransaction) {
    reply.simple('Background saving scheduled');
  } else reply.simple('Background saving started');
}

export function lastsaveCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  const { persistence, server } = context.ports;
  const startedAtS = (): number => Math.floor(server.facts().startedAtMs / 1000);
  reply.integer(persistence?.facts().lastSaveAtS ?? startedAtS());
}
