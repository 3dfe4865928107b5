// COMMAND: what clients ask to learn which commands there are and where their keys stand. Everything comes from the
// one table.

import { GlobPattern } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { isWord, latin1Bytes, latin1Of } from '../bytes.ts';
import type { Command } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { replyWithHelp } from '../help.ts';
import { lastKeyOf } from '../routing.ts';
import { categoriesOf, writeCommandDocs, writeCommandInfo } from '../table/descriptions.ts';

export const commandHelpCommand: typeof replyWithHelp = replyWithHelp;

export function commandCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  const { commands } = context.table.index;
  reply.array(commands.length);
  for (const command of commands) writeCommandInfo(reply, command);
}

export function commandCountCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  reply.integer(context.table.index.commands.length);
}

function named(context: CommandContext, args: Arguments, i: number): Command | null {
  return context.table.findFullName(args.buffer, args.starts[i], args.ends[i]);
}

export function commandInfoCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  if (args.count === 2) {
    commandCommand(context, args, reply);
    return;
  }
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const command = named(context, args, i);
    if (command === null) reply.null();
    else writeCommandInfo(reply, command);
  }
}

export function commandDocsCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const found: Command[] = [];
  if (args.count === 2) found.push(...context.table.index.commands);
  for (let i = 2; i < args.count; i++) {
    const command = named(context, args, i);
    if (command !== null) found.push(command);
  }
  reply.map(found.length);
  for (const command of found) {
    reply.text(command.fullName);
    writeCommandDocs(reply, command);
  }
}

export function commandListCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const keep = args.count === 2 ? (): boolean => true : listFilter(args);
  if (keep === null) {
    context.error(SYNTAX_ERROR);
    return;
  }
  const names = context.table.all.filter(keep).map(({ fullName }) => fullName);
  reply.array(names.length);
  for (const name of names) reply.text(name);
}

/** FILTERBY MODULE, ACLCAT or PATTERN; null if it is none of them. There are no modules. */
function listFilter(args: Arguments): ((command: Command) => boolean) | null {
  if (args.count !== 5 || !isWord(args, 2, 'FILTERBY')) return null;
  if (isWord(args, 3, 'MODULE')) return () => false;
  if (isWord(args, 3, 'ACLCAT')) {
    const category = latin1Of(args, 4).toLowerCase();
    return (command) => categoriesOf(command).includes(category);
  }
  if (isWord(args, 3, 'PATTERN')) {
    const pattern = new GlobPattern(args.buffer, args.starts[4], args.ends[4], {
      ignoreCase: true,
    });
    return (command) => pattern.matches(latin1Bytes(command.fullName));
  }
  return null;
}

export function commandGetkeysCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  replyWithKeys(context, args, reply, false);
}

export function commandGetkeysandflagsCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  replyWithKeys(context, args, reply, true);
}

function replyWithKeys(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  withFlags: boolean,
): void {
  const command = context.table.resolve(args, 2);
  if (command === null) {
    context.error('ERR Invalid command specified');
    return;
  }
  const { keys } = command;
  if (keys === null || keys.flags.includes('not_key')) {
    context.error('ERR The command has no key arguments');
    return;
  }
  const count = args.count - 2;
  if (!command.accepts(count)) {
    context.error('ERR Invalid number of arguments specified for command');
    return;
  }
  const last = lastKeyOf(keys, count);
  const flags = keyFlags(command, args);
  reply.array(Math.floor((last - keys.first) / keys.step) + 1);
  for (let i = keys.first; i <= last; i += keys.step) {
    if (withFlags) reply.array(2);
    reply.bulk(args.buffer, args.starts[i + 2], args.ends[i + 2]);
    if (!withFlags) continue;
    reply.set(flags.length);
    for (const flag of flags) reply.simple(flag);
  }
}

/** SET reads its key only when GET is among its options. */
function keyFlags(command: Command, args: Arguments): string[] {
  const flags = command.keys!.flags.split(' ');
  if (!flags.includes('variable_flags')) return flags;
  for (let i = 5; i < args.count; i++) {
    if (isWord(args, i, 'GET')) return ['RW', 'access', 'update'];
  }
  return ['OW', 'update'];
}
