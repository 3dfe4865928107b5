// What concerns the connection itself: HELLO, AUTH, PING, ECHO, SELECT, QUIT, RESET.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { copyOf, integerOf, isWord, latin1Bytes, latin1Of, printedOf } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { databaseNumberOf, NO_SUCH_DATABASE } from '../databases.ts';
import { SYNTAX_ERROR, WRONG_PASS } from '../errors.ts';
import { REDIS_VERSION } from '../version.ts';
import { clientNameError } from './client.ts';

const DEFAULT_USER: Uint8Array = latin1Bytes('default');

export function pingCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (args.count > 2) {
    context.arityError();
    return;
  }
  const { session } = context;
  if (session.reply.protocol === 2 && session.subscriptionCount > 0) {
    // Such a client expects nothing but messages, so the answer looks like one.
    reply.array(2);
    reply.text('pong');
    if (args.count === 2) reply.bulk(args.buffer, args.starts[1], args.ends[1]);
    else reply.text('');
  } else if (args.count === 2) {
    reply.bulk(args.buffer, args.starts[1], args.ends[1]);
  } else {
    reply.simple('PONG');
  }
}

export function echoCommand(_context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  reply.bulk(args.buffer, args.starts[1], args.ends[1]);
}

export function selectCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const index = databaseNumberOf(context, args, 1);
  if (index === null) return;
  if (context.ports.cluster !== null && index !== 0) {
    context.error('ERR SELECT is not allowed in cluster mode');
  } else if (index < 0 || index >= context.databases.length) {
    context.error(NO_SUCH_DATABASE);
  } else {
    context.session.database = index;
    reply.simple('OK');
  }
}

export function quitCommand(context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  context.session.closeAfterReply = true;
  reply.simple('OK');
}

export function resetCommand(context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  const { session } = context;
  if (session.isReplica || session.isPrimaryLink) {
    context.error('ERR can only reset normal client connections');
    return;
  }
  context.forget(session);
  session.database = 0;
  session.name = '';
  session.authenticated = !context.ports.auth.required;
  session.readonly = false;
  session.asking = false;
  session.replyMode = 'on';
  reply.protocol = 2;
  reply.simple('RESET');
}

export function authCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (args.count > 3) {
    context.error(SYNTAX_ERROR);
    return;
  }
  if (args.count === 2 && !context.ports.auth.required) {
    context.error(
      'ERR AUTH <password> called without any password configured for the default user. ' +
        'Are you sure your configuration is correct?',
    );
    return;
  }
  const user = args.count === 3 ? copyOf(args, 1) : DEFAULT_USER;
  if (logIn(context, user, copyOf(args, args.count - 1))) reply.simple('OK');
  else context.error(WRONG_PASS);
}

/** Where no password is set, the default user logs in with any. */
function logIn(context: CommandContext, user: Uint8Array, password: Uint8Array): boolean {
  const { auth } = context.ports;
  const isDefault =
    user.length === DEFAULT_USER.length && user.every((byte, i) => byte === DEFAULT_USER[i]);
  const accepted = auth.required ? auth.verify(user, password) : isDefault;
  if (accepted) context.session.authenticated = true;
  return accepted;
}

export function helloCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  let version: number | bigint | null = 0;
  if (args.count >= 2) {
    version = integerOf(args, 1);
    if (version === null) {
      context.error('ERR Protocol version is not an integer or out of range');
      return;
    }
    if (version !== 2 && version !== 3) {
      context.error('NOPROTO unsupported protocol version');
      return;
    }
  }
  const { session } = context;
  for (let i = 2; i < args.count; i++) {
    const taken = helloOption(context, args, i);
    if (taken === 0) return;
    i += taken;
  }
  if (!session.authenticated && context.ports.auth.required) {
    context.error(HELLO_NEEDS_AUTH);
    return;
  }
  if (version === 2 || version === 3) reply.protocol = version;
  replyWithGreeting(context, reply);
}

/**
 * Carries out the option at argument `i`: what follows it may still be wrong then, as with the real server. Returns how
 * many arguments it took; 0: the client has been told what is wrong.
 */
function helloOption(context: CommandContext, args: Arguments, i: number): number {
  const more = args.count - 1 - i;
  if (more >= 2 && isWord(args, i, 'AUTH')) {
    if (logIn(context, copyOf(args, i + 1), copyOf(args, i + 2))) return 2;
    context.error(WRONG_PASS);
    return 0;
  }
  if (more >= 1 && isWord(args, i, 'SETNAME')) {
    const name = latin1Of(args, i + 1);
    const problem = clientNameError(name);
    if (problem === null) {
      context.session.name = name;
      return 1;
    }
    context.error(problem);
    return 0;
  }
  context.error(`ERR Syntax error in HELLO option '${printedOf(args, i)}'`);
  return 0;
}

const HELLO_NEEDS_AUTH =
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO ' +
  'AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol ' +
  'version at the same time';

function replyWithGreeting(context: CommandContext, reply: ReplyWriter): void {
  const { cluster } = context.ports;
  reply.map(7);
  reply.text('server');
  reply.text('redis');
  reply.text('version');
  reply.text(REDIS_VERSION);
  reply.text('proto');
  reply.integer(reply.protocol);
  reply.text('id');
  reply.integer(context.session.id);
  reply.text('mode');
  reply.text(cluster === null ? 'standalone' : 'cluster');
  reply.text('role');
  reply.text(context.seemsReplica ? 'replica' : 'master');
  reply.text('modules');
  reply.array(0);
}
