// DEBUG: hooks for tests, ours and those of the real servers, closed unless `enable-debug-command` opens them.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { NO_NODE } from '@slotmesh/topology';
import { integerOf, isWord, latin1Of, printedOf } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER } from '../errors.ts';
import { writeHelp } from '../help.ts';
import { patternAt } from '../pattern.ts';
import type { DebugPort } from '../ports.ts';
import type { Session } from '../session.ts';
import { debugDigest, debugDigestValue, debugObject, debugPopulate } from './debug-data.ts';
import { debugProtocol } from './debug-protocol.ts';
import { debugReload } from './debug-reload.ts';

const NOT_CLUSTER = 'ERR Debug option only available for cluster mode enabled setup!';
const UTF8 = new TextDecoder();
const ANY = Number.POSITIVE_INFINITY;

/** The error for a client that may not use DEBUG; null for one that may. */
export function debugRefusal(port: DebugPort, session: Session): string | null {
  if (port.allowed === 'yes' || (port.allowed === 'local' && session.isLocal)) return null;
  return (
    'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can ' +
    'run it from a local connection, otherwise you need to set this option in the configuration ' +
    'file, and then restart the server.'
  );
}

type Subcommand = (context: CommandContext, args: Arguments, reply: ReplyWriter) => void;

interface DebugRow {
  readonly name: string;
  /** How many arguments follow the subcommand, at least and at most. */
  readonly least: number;
  readonly most: number;
  readonly usage: string;
  readonly summary: string;
  readonly run: Subcommand;
}

function ok(_context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  reply.simple('OK');
}

function changeId(context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  context.replication?.changeId();
  reply.simple('OK');
}

/** Subcommands in the order of HELP. */
const SUBCOMMANDS: readonly DebugRow[] = [
  row('CHANGE-REPL-ID', 0, 0, '', 'Takes a new replication ID, so that no replica can go on.', changeId),
  row('CLOSE-CLUSTER-LINK-ON-PACKET-DROP', 1, 1, '<0|1>',
    'Closes the link of a cluster packet that the filter drops.', closeOnDrop),
  row('CLUSTERLINK', 3, 3, 'KILL <to|from|all> <node-id>',
    'Closes the cluster bus connections to a node, from it, or both.', killLinks),
  row('DIGEST', 0, 0, '', 'Prints a digest of all data.', (context, _args, reply) =>
    debugDigest(context, reply)),
  row('DIGEST-VALUE', 0, ANY, '<key> [<key> ...]', 'Prints the digests of values.', debugDigestValue),
  row('DROP-CLUSTER-PACKET-FILTER', 1, 1, '<packet-type>',
    'Drops the cluster packets of one type: -1 for none, -2 for all.', dropPackets),
  row('ERROR', 1, 1, '<message>', 'Answers with an error.', (context, args) =>
    context.error(latin1Of(args, 2))),
  row('JMAP', 0, 0, '', 'Does nothing: there is no Java here.', ok),
  row('LOG', 1, 1, '<message>', 'Writes a message to the log.', log),
  row('OBJECT', 1, 1, '<key>', 'Tells how a value is stored.', debugObject),
  row('POPULATE', 1, 3, '<count> [<prefix>] [<size>]', 'Creates keys.', debugPopulate),
  row('PROTOCOL', 1, 1, '<type>', 'Answers with a value of a type.', debugProtocol),
  row('QUICKLIST-PACKED-THRESHOLD', 1, 1, '<size>', 'Does nothing: there are no lists.', ok),
  row('RELOAD', 0, ANY, '[MERGE]', 'Writes all data as an RDB file in memory and loads them from it.',
    debugReload),
  row('REPLYBUFFER', 2, 2, '<PEAK-RESET-TIME|RESIZING> <value>',
    'Does nothing: reply buffers are sized by what they hold.', replyBuffer),
  row('SET-ACTIVE-EXPIRE', 1, 1, '<0|1>', 'Stops or starts deleting keys that have expired.',
    setActiveExpire),
  row('SLEEP', 1, 1, '<seconds>', 'Stops the server for a time, which may have decimals.', sleep),
  row('STRINGMATCH-LEN', 2, 2, '<text> <pattern>', 'Tells whether a pattern matches: 1 or 0.', match),
]; // biome-ignore format: a table

function row(
  name: string,
  least: number,
  most: number,
  usage: string,
  summary: string,
  run: Subcommand,
): DebugRow {
  return { name, least, most, usage, summary, run };
}

export function debugCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (isWord(args, 1, 'HELP') && args.count === 2) {
    const lines = SUBCOMMANDS.flatMap(({ name, usage, summary }) => [
      `${name} ${usage}`.trimEnd(),
      `    ${summary}`,
    ]);
    writeHelp(reply, 'debug', lines);
    return;
  }
  const more = args.count - 2;
  const found = SUBCOMMANDS.find(
    ({ name, least, most }) => isWord(args, 1, name) && more >= least && more <= most,
  );
  if (found === undefined) context.subcommandError(printedOf(args, 1, 128));
  else found.run(context, args, reply);
}

function sleep(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  context.ports.debug.sleep(secondsOf(args, 2));
  reply.simple('OK');
}

function log(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  context.ports.debug.log(UTF8.decode(args.buffer.subarray(args.starts[2], args.ends[2])));
  reply.simple('OK');
}

function closeOnDrop(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  context.ports.cluster?.closeLinkOnPacketDrop(isOn(args, 2));
  reply.simple('OK');
}

function setActiveExpire(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  context.activeExpire = isOn(args, 2);
  reply.simple('OK');
}

function replyBuffer(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (isWord(args, 2, 'PEAK-RESET-TIME') || isWord(args, 2, 'RESIZING')) reply.simple('OK');
  else context.subcommandError(printedOf(args, 1, 128));
}

function match(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const pattern = patternAt(context, args, 3);
  if (pattern === null) return;
  const text = args.buffer.subarray(args.starts[2], args.ends[2]);
  reply.integer(pattern.matches(text) ? 1 : 0);
}

/** As the C library reads it: what is no number is 0. */
function secondsOf(args: Arguments, i: number): number {
  const seconds = Number(latin1Of(args, i));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

function isOn(args: Arguments, i: number): boolean {
  const value = integerOf(args, i);
  return value !== null && value !== 0;
}

function dropPackets(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const type = integerOf(args, 2);
  if (type === null) {
    context.error(NOT_AN_INTEGER);
    return;
  }
  context.ports.cluster?.dropPackets(Number(type));
  reply.simple('OK');
}

function killLinks(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const { cluster } = context.ports;
  if (!isWord(args, 2, 'KILL')) {
    context.subcommandError(printedOf(args, 1, 128));
    return;
  }
  if (cluster === null) {
    context.error(NOT_CLUSTER);
    return;
  }
  const node = cluster.topology.find(latin1Of(args, 4));
  if (node === NO_NODE) {
    context.error(`ERR Unknown node ${printedOf(args, 4)}`);
    return;
  }
  const direction = (['to', 'from', 'all'] as const).find((word) =>
    isWord(args, 3, word.toUpperCase()),
  );
  if (direction === undefined) {
    context.error(`ERR Unknown direction ${printedOf(args, 3)}`);
    return;
  }
  cluster.killLinks(direction, node);
  reply.simple('OK');
}
