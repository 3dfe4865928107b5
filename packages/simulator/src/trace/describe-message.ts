// What a message says, in a few words: what a reader of the log wants to know of it, and not what is always so.

import { type BusHeader, type BusMessage, type GossipEntry, NodeFlag } from '@slotmesh/cluster-bus';
import type { NodeNames } from './names.ts';

const FLAGS: readonly (readonly [number, string])[] = [
  [NodeFlag.pfail, 'pfail'],
  [NodeFlag.fail, 'fail'],
  [NodeFlag.handshake, 'handshake'],
  [NodeFlag.noAddress, 'noaddr'],
];

/**
 * "from n2, epoch 7/3, 5461 slots; 3 entries, n4 pfail". Epochs: current/config. Of a message that is sent, the log
 * tells the sender in a column of its own.
 */
export function describeMessage(
  message: BusMessage,
  names: NodeNames,
  way: 'sent' | 'received',
): string {
  const header = message.header === null ? 'light' : describeHeader(message.header, names, way);
  const rest = describeBody(message, names);
  return rest === '' ? header : `${header}; ${rest}`;
}

function describeHeader(header: BusHeader, names: NodeNames, way: 'sent' | 'received'): string {
  const words = [
    ...(way === 'received' ? [`from ${names.of(header.sender)}`] : []),
    `epoch ${header.currentEpoch}/${header.configEpoch}`,
    header.replicaOf === null
      ? `${header.slots.count} slots`
      : `replica of ${names.of(header.replicaOf)}`,
  ];
  if (header.clusterState === 'fail') words.push('down');
  return words.join(', ');
}

function describeBody(message: BusMessage, names: NodeNames): string {
  switch (message.kind) {
    case 'ping':
    case 'pong':
    case 'meet': {
      const extensions = message.extensions
        .filter((extension) => extension.kind === 'forgottenNode')
        .map(({ node, ttlS }) => `forget ${names.of(node)} for ${ttlS} s`);
      return [describeGossip(message.gossip, names), ...extensions].filter(Boolean).join(', ');
    }
    case 'fail':
      return `${names.of(message.node)} has failed`;
    case 'update':
      return `${names.of(message.node)} has config epoch ${message.configEpoch}, slots ${slots(message.slots)}`;
    case 'publish':
    case 'publishShard':
      return `${message.channel.length} + ${message.message.length} bytes`;
    case 'failoverAuthNack':
      return `epoch ${message.epoch}, reason ${message.reason}`;
    case 'module':
      return `type ${message.type}, ${message.payload.length} bytes`;
    case 'unknown':
      return `type ${message.type}, ${message.body.length} bytes`;
    case 'failoverAuthRequest':
    case 'failoverAuthAck':
    case 'manualFailoverStart':
      return '';
    default:
      return message satisfies never;
  }
}

/** How many nodes it speaks of, and those that are not well. */
function describeGossip(entries: readonly GossipEntry[], names: NodeNames): string {
  if (entries.length === 0) return '';
  const words = [`${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}`];
  for (const entry of entries) {
    const flags = FLAGS.filter(([bit]) => (entry.flags & bit) !== 0).map(([, flag]) => flag);
    if (flags.length > 0) words.push(`${names.of(entry.node)} ${flags.join('+')}`);
  }
  return words.join(', ');
}

const RANGES_LENGTH_MAX = 60;

/** Slots as ranges; only their number where that is long. */
export function slots(set: { readonly count: number; toString(): string }): string {
  const text = set.toString();
  if (text === '') return 'none';
  return text.length <= RANGES_LENGTH_MAX ? text : `(${set.count})`;
}
