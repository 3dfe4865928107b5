// COMMAND: what clients ask to learn which commands there are and where their keys stand. Everything comes from the
// one table.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { isWord, latin1Bytes, latin1Of } from '../bytes.ts';
import type { CommandEntry } from '../catalog.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { replyWithHelp } from '../help.ts';
import { patternAt } from '../pattern.ts';
import { lastKeyOf } from '../routing.ts';
import { categoriesOf, writeCommandDocs, writeCommandInfo } from '../table/descriptions.ts';
import { type KeySpec, keySpecsOf } from '../table/facts.ts';

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

function named(context: CommandContext, args: Arguments, i: number): CommandEntry | null {
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
  const found: CommandEntry[] = [];
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
  const keep = args.count === 2 ? (): boolean => true : listFilter(context, args);
  if (keep === null) return;
  const names = context.table.all.filter(keep).map(({ fullName }) => fullName);
  reply.array(names.length);
  for (const name of names) reply.text(name);
}

/**
 * FILTERBY MODULE, ACLCAT or PATTERN; null: it is none of them, and the client has been told so. There are no modules.
 */
function listFilter(
  context: CommandContext,
  args: Arguments,
): ((command: CommandEntry) => boolean) | null {
  const isFilter = args.count === 5 && isWord(args, 2, 'FILTERBY');
  if (isFilter && isWord(args, 3, 'MODULE')) return () => false;
  if (isFilter && isWord(args, 3, 'ACLCAT')) {
    const category = latin1Of(args, 4).toLowerCase();
    return (command) => categoriesOf(command).includes(category);
  }
  if (isFilter && isWord(args, 3, 'PATTERN')) {
    const pattern = patternAt(context, args, 4, { ignoreCase: true });
    if (pattern === null) return null;
    return (command) => pattern.matches(latin1Bytes(command.fullName));
  }
  context.error(SYNTAX_ERROR);
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
  const ranges = keySpecsOf(command.spec).map((spec) => ({ spec, last: lastKeyOf(spec, count) }));
  reply.array(
    ranges.reduce(
      (sum, { spec, last }) => sum + Math.floor((last - spec.first) / spec.step) + 1,
      0,
    ),
  );
  for (const { spec, last } of ranges) {
    const flags = withFlags ? keyFlags(command, spec, args) : [];
    for (let i = spec.first; i <= last; i += spec.step) {
      if (withFlags) reply.array(2);
      reply.bulk(args.buffer, args.starts[i + 2], args.ends[i + 2]);
      if (!withFlags) continue;
      reply.set(flags.length);
      for (const flag of flags) reply.simple(flag);
    }
  }
}

/** SET reads its key only when GET is among its options, BITFIELD writes it only with operations other than GET. */
function keyFlags(command: CommandEntry, keys: KeySpec, args: Arguments): string[] {
  const flags = keys.flags.split(' ');
  if (!flags.includes('variable_flags')) return flags;
  if (command.spec.name === 'bitfield') {
    return writesField(args) ? ['RW', 'access', 'update'] : ['RO', 'access'];
  }
  for (let i = 5; i < args.count; i++) {
    if (isWord(args, i, 'GET')) return ['RW', 'access', 'update'];
  }
  return ['OW', 'update'];
}

/** Operations other than GET begin at argument 4; a GET is three arguments long. */
function writesField(args: Arguments): boolean {
  for (let i = 4; i < args.count; i += 3) if (!isWord(args, i, 'GET')) return true;
  return false;
}
