// DEBUG: hooks for tests, ours and those of the real servers, closed unless `enable-debug-command` opens them.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { NO_NODE } from '@slotmesh/topology';
import { integerOf, isWord, latin1Of, printedOf } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER } from '../errors.ts';
import { writeHelp } from '../help.ts';
import type { DebugPort } from '../ports.ts';
import type { Session } from '../session.ts';

const NOT_CLUSTER = 'ERR Debug option only available for cluster mode enabled setup!';
const UTF8 = new TextDecoder();

/** The error for a client that may not use DEBUG; null for one that may. */
export function debugRefusal(port: DebugPort, session: Session): string | null {
  if (port.allowed === 'yes' || (port.allowed === 'local' && session.isLocal)) return null;
  return (
    'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can ' +
    'run it from a local connection, otherwise you need to set this option in the configuration ' +
    'file, and then restart the server.'
  );
}

const HELP: readonly string[] = [
  'CLOSE-CLUSTER-LINK-ON-PACKET-DROP <0|1>',
  '    Closes the link of a cluster packet that the filter drops.',
  'CLUSTERLINK KILL <to|from|all> <node-id>',
  '    Closes the cluster bus connections to a node, from it, or both.',
  'DROP-CLUSTER-PACKET-FILTER <packet-type>',
  '    Drops the cluster packets of one type: -1 for none, -2 for all.',
  'LOG <message>',
  '    Writes a message to the log.',
  'SLEEP <seconds>',
  '    Stops the server for a time, which may have decimals.',
];

export function debugCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const { debug } = context.ports;
  if (isWord(args, 1, 'HELP') && args.count === 2) {
    writeHelp(reply, 'debug', HELP);
  } else if (isWord(args, 1, 'SLEEP') && args.count === 3) {
    debug.sleep(secondsOf(args, 2));
    reply.simple('OK');
  } else if (isWord(args, 1, 'LOG') && args.count === 3) {
    debug.log(UTF8.decode(args.buffer.subarray(args.starts[2], args.ends[2])));
    reply.simple('OK');
  } else if (isWord(args, 1, 'CLUSTERLINK') && args.count === 5 && isWord(args, 2, 'KILL')) {
    killLinks(context, args, reply);
  } else if (isWord(args, 1, 'DROP-CLUSTER-PACKET-FILTER') && args.count === 3) {
    dropPackets(context, args, reply);
  } else if (isWord(args, 1, 'CLOSE-CLUSTER-LINK-ON-PACKET-DROP') && args.count === 3) {
    context.ports.cluster?.closeLinkOnPacketDrop(isOn(args, 2));
    reply.simple('OK');
  } else {
    context.subcommandError(printedOf(args, 1, 128));
  }
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
