// CONFIG: the directives, which the app owns, behind glob patterns and all-or-nothing changes.

import type { GlobPattern } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { latin1Bytes } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { replyWithHelp } from '../help.ts';
import { patternAt } from '../pattern.ts';

export const configHelpCommand: typeof replyWithHelp = replyWithHelp;

const UTF8 = new TextDecoder();

function textOf(args: Arguments, i: number): string {
  return UTF8.decode(args.buffer.subarray(args.starts[i], args.ends[i]));
}

export function configGetCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const entries = new Map(context.ports.config.entries());
  /** By lower-case name, so that nothing is shown twice. A name that was asked for is shown as it was written. */
  const found = new Map<string, readonly [shown: string, value: string]>();
  for (let i = 2; i < args.count; i++) {
    const word = textOf(args, i);
    if (isGlob(word)) {
      const pattern = patternAt(context, args, i, { ignoreCase: true });
      if (pattern === null) return;
      addMatches(found, entries, pattern);
    } else {
      const name = word.toLowerCase();
      const value = entries.get(name);
      if (value !== undefined && !found.has(name)) found.set(name, [word, value]);
    }
  }
  reply.map(found.size);
  for (const [shown, value] of found.values()) {
    reply.text(shown);
    reply.text(value);
  }
}

function isGlob(word: string): boolean {
  return word.includes('*') || word.includes('?') || word.includes('[');
}

function addMatches(
  found: Map<string, readonly [shown: string, value: string]>,
  entries: ReadonlyMap<string, string>,
  pattern: GlobPattern,
): void {
  for (const [name, value] of entries) {
    if (!found.has(name) && pattern.matches(latin1Bytes(name))) found.set(name, [name, value]);
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
      context.settings.read(context.ports.config.entries());
      context.settingsChanged();
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
