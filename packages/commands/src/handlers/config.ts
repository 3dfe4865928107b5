// CONFIG: the directives, which the app owns, behind glob patterns and all-or-nothing changes.

import { GlobPattern } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { latin1Bytes } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { replyWithHelp } from '../help.ts';

export const configHelpCommand: typeof replyWithHelp = replyWithHelp;

const UTF8: TextDecoder = new TextDecoder();

function textOf(args: Arguments, i: number): string {
  return UTF8.decode(args.buffer.subarray(args.starts[i], args.ends[i]));
}

export function configGetCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const patterns: GlobPattern[] = [];
  for (let i = 2; i < args.count; i++) {
    const options = { ignoreCase: true };
    patterns.push(new GlobPattern(args.buffer, args.starts[i], args.ends[i], options));
  }
  const found: (readonly [name: string, value: string])[] = [];
  for (const entry of context.ports.config.entries()) {
    const name = latin1Bytes(entry[0]);
    if (patterns.some((pattern) => pattern.matches(name))) found.push(entry);
  }
  reply.map(found.length);
  for (const [name, value] of found) {
    reply.text(name);
    reply.text(value);
  }
}

export function configSetCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  if (args.count % 2 === 1) {
    context.error(SYNTAX_ERROR);
    return;
  }
  const pairs: [name: string, value: string][] = [];
  for (let i = 2; i < args.count; i += 2) pairs.push([textOf(args, i), textOf(args, i + 1)]);
  const outcome = context.ports.config.set(pairs);
  switch (outcome.kind) {
    case 'ok':
      reply.simple('OK');
      return;
    case 'unknown':
      context.error(`ERR Unknown option or number of arguments for CONFIG SET - '${outcome.name}'`);
      return;
    case 'failed':
      context.error(
        `ERR CONFIG SET failed (possibly related to argument '${outcome.name}') - ${outcome.reason}`,
      );
  }
}

export function configRewriteCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  const outcome = context.ports.config.rewrite();
  switch (outcome.kind) {
    case 'ok':
      reply.simple('OK');
      return;
    case 'noFile':
      context.error('ERR The server is running without a config file');
      return;
    case 'failed':
      context.error(`ERR Rewriting config file: ${outcome.reason}`);
  }
}

export function configResetstatCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  context.stats.reset();
  context.ports.server.resetStats();
  reply.simple('OK');
}
