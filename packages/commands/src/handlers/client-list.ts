// CLIENT LIST and CLIENT KILL: who is connected, and filters to choose among them.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf, isWord, latin1Of, printedOf } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import type { Session } from '../session.ts';

type ClientType = 'normal' | 'replica' | 'master' | 'pubsub';

const TYPES: ReadonlyMap<string, ClientType> = new Map([
  ['normal', 'normal'],
  ['slave', 'replica'],
  ['replica', 'replica'],
  ['pubsub', 'pubsub'],
  ['master', 'master'],
]);

function typeOf(session: Session): ClientType {
  if (session.isPrimaryLink) return 'master';
  if (session.isReplica || session.isMonitor) return 'replica';
  return session.subscriptionCount > 0 ? 'pubsub' : 'normal';
}

function flagsOf(session: Session): string {
  const { tracking } = session;
  const flags =
    (session.isMonitor ? 'O' : session.isReplica ? 'S' : '') +
    (session.isPrimaryLink ? 'M' : '') +
    (session.subscriptionCount > 0 ? 'P' : '') +
    (session.transaction !== null ? 'x' : '') +
    (session.isWaiting ? 'b' : '') +
    (tracking !== null ? 't' : '') +
    (tracking?.redirectBroken ? 'R' : '') +
    (tracking?.options.broadcast ? 'B' : '') +
    (session.watchBroken ? 'd' : '') +
    (session.closeAfterReply ? 'c' : '') +
    (session.isUnixSocket ? 'U' : '') +
    (session.readonly ? 'r' : '') +
    (session.noEvict ? 'e' : '') +
    (session.noTouch ? 'T' : '');
  return flags === '' ? 'N' : flags;
}

/** One client as CLIENT LIST prints it: the fields of Redis 7.2 in its order, without a line end. */
export function clientLine(session: Session, nowMs: number): string {
  const { reply, transport } = session;
  const pending = reply.length;
  const fields: readonly (readonly [name: string, value: string | number])[] = [
    ['id', session.id],
    ['addr', session.address],
    ['laddr', session.localAddress],
    ['fd', transport.descriptor],
    ['name', session.name],
    ['age', wholeSeconds(nowMs - session.createdAtMs)],
    ['idle', wholeSeconds(nowMs - session.lastCommandAtMs)],
    ['flags', flagsOf(session)],
    ['db', session.database],
    ['sub', session.channels.size],
    ['psub', session.patterns.size],
    ['ssub', session.shardChannels.size],
    ['multi', session.transaction?.queue.length ?? -1],
    ['qbuf', transport.inputBytes],
    ['qbuf-free', 0],
    ['argv-mem', 0],
    ['multi-mem', session.transaction?.bytes ?? 0],
    ['rbs', 0],
    ['rbp', 0],
    ['obl', pending],
    ['oll', 0],
    ['omem', transport.outputBytes],
    ['tot-mem', transport.inputBytes + pending + transport.outputBytes],
    ['events', transport.outputBytes > 0 ? 'rw' : 'r'],
    ['cmd', session.lastCommand],
    ['user', session.user],
    ['redir', session.tracking?.options.redirectId ?? -1],
    ['resp', reply.protocol],
    ['lib-name', session.libraryName],
    ['lib-ver', session.libraryVersion],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(' ');
}

function wholeSeconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000));
}

export function clientListCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  let chosen: Iterable<Session> = context.clients;
  if (args.count === 4 && isWord(args, 2, 'TYPE')) {
    const type = typeAt(context, args, 3);
    if (type === undefined) return;
    chosen = [...context.clients].filter((session) => typeOf(session) === type);
  } else if (args.count > 3 && isWord(args, 2, 'ID')) {
    const byId: Session[] = [];
    for (let i = 3; i < args.count; i++) {
      const id = integerOf(args, i);
      if (id === null) {
        context.error('ERR Invalid client ID');
        return;
      }
      const session = context.clients.get(Number(id));
      if (session !== undefined) byId.push(session);
    }
    chosen = byId;
  } else if (args.count !== 2) {
    context.error(SYNTAX_ERROR);
    return;
  }
  let text = '';
  for (const session of chosen) text += `${clientLine(session, context.nowMs)}\n`;
  reply.verbatim('txt', text);
}

function typeAt(context: CommandContext, args: Arguments, i: number): ClientType | undefined {
  const type = TYPES.get(latin1Of(args, i).toLowerCase());
  if (type === undefined) context.error(`ERR Unknown client type '${printedOf(args, i)}'`);
  return type;
}

interface KillFilter {
  id: number | bigint | null;
  type: ClientType | null;
  address: string | null;
  localAddress: string | null;
  skipMe: boolean;
}

/** Reads `option value` pairs; null: the client has been told what is wrong. */
function killFilter(context: CommandContext, args: Arguments): KillFilter | null {
  const filter: KillFilter = {
    id: null,
    type: null,
    address: null,
    localAddress: null,
    skipMe: true,
  };
  for (let i = 2; i < args.count; i += 2) {
    if (i + 1 === args.count || !readKillOption(context, args, i, filter)) {
      if (!context.failed) context.error(SYNTAX_ERROR);
      return null;
    }
  }
  return filter;
}

/** False: it is no option, or the client has been told what is wrong with its value. */
function readKillOption(
  context: CommandContext,
  args: Arguments,
  i: number,
  filter: KillFilter,
): boolean {
  if (isWord(args, i, 'ID')) {
    const id = integerOf(args, i + 1);
    if (id === null || id < 1) {
      context.error('ERR client-id should be greater than 0');
      return false;
    }
    filter.id = id;
  } else if (isWord(args, i, 'TYPE')) {
    const type = typeAt(context, args, i + 1);
    if (type === undefined) return false;
    filter.type = type;
  } else if (isWord(args, i, 'ADDR')) {
    filter.address = latin1Of(args, i + 1);
  } else if (isWord(args, i, 'LADDR')) {
    filter.localAddress = latin1Of(args, i + 1);
  } else if (isWord(args, i, 'USER')) {
    // There is one user, so the filter keeps everybody or nobody.
    if (latin1Of(args, i + 1) !== 'default') {
      context.error(`ERR No such user '${printedOf(args, i + 1)}'`);
      return false;
    }
  } else if (isWord(args, i, 'SKIPME') && isWord(args, i + 1, 'YES')) {
    filter.skipMe = true;
  } else if (isWord(args, i, 'SKIPME') && isWord(args, i + 1, 'NO')) {
    filter.skipMe = false;
  } else {
    return false;
  }
  return true;
}

export function clientKillCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const isOldForm = args.count === 3;
  const filter = isOldForm
    ? { id: null, type: null, address: latin1Of(args, 2), localAddress: null, skipMe: false }
    : killFilter(context, args);
  if (filter === null) return;
  const chosen = [...context.clients].filter((session) => passes(session, filter, context.session));
  for (const session of chosen) {
    if (session === context.session) {
      session.closeAfterReply = true;
    } else {
      session.closed = true;
      session.transport.close();
    }
  }
  if (!isOldForm) reply.integer(chosen.length);
  else if (chosen.length === 0) context.error('ERR No such client');
  else reply.simple('OK');
}

function passes(session: Session, filter: KillFilter, own: Session): boolean {
  return (
    !session.closed &&
    (filter.id === null || Number(filter.id) === session.id) &&
    (filter.type === null || filter.type === typeOf(session)) &&
    (filter.address === null || filter.address === session.address) &&
    (filter.localAddress === null || filter.localAddress === session.localAddress) &&
    !(filter.skipMe && session === own)
  );
}
