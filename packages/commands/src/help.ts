// HELP of a container command, made from its rows in the table: usage and summary of each subcommand.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import type { CommandContext } from './context.ts';
import type { ArgumentSpec } from './table/arguments.ts';

export function replyWithHelp(context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  const container = context.command.parent ?? context.command;
  const rows = [...(container.subcommands?.commands ?? [])]
    .filter(({ spec }) => spec.name !== 'help')
    .sort((a, b) => (a.fullName < b.fullName ? -1 : 1));
  const lines: string[] = [];
  for (const { spec } of rows)
    lines.push(usageOf(spec.name, spec.arguments), `    ${spec.summary}.`);
  writeHelp(reply, container.spec.name, lines);
}

/** Status replies, the first naming the command, the last two HELP itself. */
export function writeHelp(reply: ReplyWriter, name: string, lines: readonly string[]): void {
  reply.array(lines.length + 3);
  reply.simple(`${name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
  for (const line of lines) reply.simple(line);
  reply.simple('HELP');
  reply.simple('    Prints this help.');
}

function usageOf(name: string, args: readonly ArgumentSpec[] = []): string {
  return [name.toUpperCase(), ...args.map(usageOfArgument)].join(' ');
}

function usageOfArgument(spec: ArgumentSpec): string {
  const flags = (spec.flags ?? '').split(' ');
  let text = valueUsage(spec);
  if (spec.token !== undefined && spec.type !== 'pure-token') text = `${spec.token} ${text}`;
  if (flags.includes('multiple')) text = `${text} [${text} ...]`;
  return flags.includes('optional') ? `[${text}]` : text;
}

function valueUsage(spec: ArgumentSpec): string {
  const parts = spec.arguments ?? [];
  if (spec.type === 'pure-token') return spec.token ?? spec.name.toUpperCase();
  if (spec.type === 'oneof') return `(${parts.map(usageOfArgument).join('|')})`;
  if (spec.type === 'block') return parts.map(usageOfArgument).join(' ');
  return `<${spec.name}>`;
}
