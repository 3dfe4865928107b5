// Rows of the table as COMMAND INFO and COMMAND DOCS print them.

import type { ReplyWriter } from '@slotmesh/resp';
import type { CommandEntry } from '../catalog.ts';
import type { ArgumentSpec } from './arguments.ts';
import { type CommandFacts, type KeySpec, keySpecsOf } from './facts.ts';

/** In the order in which the wire lists them. */
const CATEGORY_ORDER: readonly string[] = [
  'keyspace',
  'read',
  'write',
  'string',
  'bitmap',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
];

const words = (text: string | undefined): string[] => (text ? text.split(' ') : []);

/** ACL categories: those that follow from the flags, and those that the row names. */
export function categoriesOf({ spec }: CommandEntry): string[] {
  const flags = words(spec.flags);
  const found = new Set(words(spec.categories));
  if (flags.includes('write')) found.add('write');
  if (flags.includes('readonly')) found.add('read');
  if (flags.includes('pubsub')) found.add('pubsub');
  if (flags.includes('admin')) found.add('admin').add('dangerous');
  found.add(flags.includes('fast') ? 'fast' : 'slow');
  return CATEGORY_ORDER.filter((category) => found.has(category));
}

/** One entry of COMMAND: ten fields. */
export function writeCommandInfo(reply: ReplyWriter, command: CommandEntry): void {
  const { spec } = command;
  const { keys } = spec;
  const children = command.subcommands?.commands ?? [];
  reply.array(10);
  reply.text(command.fullName);
  reply.integer(spec.arity);
  writeStatusSet(reply, words(spec.flags));
  reply.integer(keys?.first ?? 0);
  reply.integer(keys?.last ?? 0);
  reply.integer(keys?.step ?? 0);
  writeStatusSet(
    reply,
    categoriesOf(command).map((category) => `@${category}`),
  );
  writeTextSet(reply, words(spec.tips));
  const keySpecs = keySpecsOf(spec);
  reply.set(keySpecs.length);
  for (const keySpec of keySpecs) writeKeySpec(reply, keySpec);
  if (children.length === 0) reply.set(0);
  else reply.array(children.length);
  for (const child of children) writeCommandInfo(reply, child);
}

function writeStatusSet(reply: ReplyWriter, values: readonly string[]): void {
  reply.set(values.length);
  for (const value of values) reply.simple(value);
}

function writeTextSet(reply: ReplyWriter, values: readonly string[]): void {
  reply.set(values.length);
  for (const value of values) reply.text(value);
}

/** The last key counts from the first one here, in the fields above from the command's name. */
function writeKeySpec(reply: ReplyWriter, keys: KeySpec): void {
  reply.map(keys.notes === undefined ? 3 : 4);
  if (keys.notes !== undefined) writeText(reply, 'notes', keys.notes);
  reply.text('flags');
  writeStatusSet(reply, keys.flags.split(' '));
  reply.text('begin_search');
  reply.map(2);
  writeText(reply, 'type', 'index');
  reply.text('spec');
  reply.map(1);
  writeNumber(reply, 'index', keys.first);
  reply.text('find_keys');
  reply.map(2);
  writeText(reply, 'type', 'range');
  reply.text('spec');
  reply.map(3);
  writeNumber(reply, 'lastkey', keys.last < 0 ? keys.last : keys.last - keys.first);
  writeNumber(reply, 'keystep', keys.step);
  writeNumber(reply, 'limit', 0);
}

function writeText(reply: ReplyWriter, name: string, value: string): void {
  reply.text(name);
  reply.text(value);
}

function writeNumber(reply: ReplyWriter, name: string, value: number): void {
  reply.text(name);
  reply.integer(value);
}

/** The value of one entry of COMMAND DOCS. */
export function writeCommandDocs(reply: ReplyWriter, command: CommandEntry): void {
  const { spec } = command;
  const fields = docFields(spec);
  const args = spec.arguments ?? [];
  const children = command.subcommands?.commands ?? [];
  const docFlags = words(spec.docFlags);
  reply.map(
    fields.length +
      (docFlags.length > 0 ? 1 : 0) +
      (args.length > 0 ? 1 : 0) +
      (children.length > 0 ? 1 : 0),
  );
  for (const [name, value] of fields) {
    // The flags stand before the fields that explain them.
    if (name === 'deprecated_since') writeDocFlags(reply, docFlags);
    writeText(reply, name, value);
  }
  if (spec.deprecatedSince === undefined && docFlags.length > 0) writeDocFlags(reply, docFlags);
  if (args.length > 0) {
    reply.text('arguments');
    writeArguments(reply, args);
  }
  if (children.length === 0) return;
  reply.text('subcommands');
  reply.map(children.length);
  for (const child of children) {
    reply.text(child.fullName);
    writeCommandDocs(reply, child);
  }
}

function writeDocFlags(reply: ReplyWriter, flags: readonly string[]): void {
  reply.text('doc_flags');
  writeStatusSet(reply, flags);
}

function docFields(spec: CommandFacts): [name: string, value: string][] {
  const fields: [name: string, value: string][] = [
    ['summary', spec.summary],
    ['since', spec.since],
    ['group', spec.group],
    ['complexity', spec.complexity],
  ];
  if (spec.deprecatedSince !== undefined) fields.push(['deprecated_since', spec.deprecatedSince]);
  if (spec.replacedBy !== undefined) fields.push(['replaced_by', spec.replacedBy]);
  return fields;
}

function writeArguments(reply: ReplyWriter, args: readonly ArgumentSpec[]): void {
  reply.array(args.length);
  for (const spec of args) writeArgument(reply, spec);
}

function writeArgument(reply: ReplyWriter, spec: ArgumentSpec): void {
  const flags = words(spec.flags);
  const optional = [spec.token, spec.since, spec.deprecatedSince, spec.arguments];
  reply.map(
    2 +
      optional.filter((field) => field !== undefined).length +
      (spec.type === 'key' ? 1 : 0) +
      (flags.length > 0 ? 1 : 0),
  );
  writeText(reply, 'name', spec.name);
  writeText(reply, 'type', spec.type);
  if (spec.type === 'key') writeNumber(reply, 'key_spec_index', spec.keySpec ?? 0);
  if (spec.token !== undefined) writeText(reply, 'token', spec.token);
  if (spec.since !== undefined) writeText(reply, 'since', spec.since);
  if (spec.deprecatedSince !== undefined) {
    writeText(reply, 'deprecated_since', spec.deprecatedSince);
  }
  if (flags.length > 0) {
    reply.text('flags');
    writeStatusSet(reply, flags);
  }
  if (spec.arguments !== undefined) {
    reply.text('arguments');
    writeArguments(reply, spec.arguments);
  }
}
