// Messages that nobody's rules have sent: what a node says of itself at that moment, with some fields
// changed. They arrive on a connection that exists, in the name of its other end.

import {
  type BusHeader,
  type BusMessage,
  type GossipEntry,
  MessageFlag,
  NodeFlag,
  type PingExtension,
} from '@slotmesh/cluster-bus';
import { SlotSet } from '@slotmesh/crc16-slots';
import type { ClusterNode } from '../world/cluster-node.ts';
import type { Connection } from '../world/contract.ts';
import { ScriptError } from './errors.ts';
import { nameOf } from './names.ts';
import type { Stage } from './stage.ts';
import { bad, parseNode, parseNumber, parseSlots } from './words.ts';

export const FORGED_KINDS = ['ping', 'pong', 'meet', 'fail', 'update', 'request', 'vote'] as const;
export type ForgedKind = (typeof FORGED_KINDS)[number];

/** What can be changed, each with what it means. */
export const FORGED_FIELDS: ReadonlyMap<string, string> = new Map([
  ['sender', "the node in whose name it speaks: a node, or an id's 40 characters"],
  ['epoch', 'its current epoch'],
  ['config-epoch', 'its config epoch'],
  ['slots', 'the slots that it claims: 0-99,200 or none'],
  ['replica-of', 'the primary that it follows'],
  ['tells', 'its gossip: B:ok, B:pfail, B:fail, several with commas'],
  ['hostname', 'its hostname extension'],
  ['about', 'whom a FAIL or an UPDATE speaks of'],
  ['about-epoch', 'the config epoch that an UPDATE gives it'],
  ['about-slots', 'the slots that an UPDATE gives it'],
]);

export type Fields = ReadonlyMap<string, string>;

/** Refuses names that are no fields; values are looked at when the message is made. */
export function checkFields(fields: Fields): void {
  for (const name of fields.keys()) {
    if (!FORGED_FIELDS.has(name)) {
      throw bad(`a message has no '${name}': ${[...FORGED_FIELDS.keys()].join(', ')}`);
    }
  }
}

/** The connection that `via` opened (-1: the sender), and at which end of it the receiver is. */
export function connectionOf(
  stage: Stage,
  from: number,
  to: number,
  via: number,
): { readonly connection: Connection; readonly end: 'from' | 'to' } {
  const opener = via === -1 ? from : via;
  const taker = opener === from ? to : from;
  const connection = stage.world.network.connections().find((one) => {
    return one.isOpen && one.from.index === opener && one.to.index === taker;
  });
  if (connection === undefined) {
    const names = `${nameOf(opener)} to ${nameOf(taker)}`;
    throw new ScriptError('NOT_POSSIBLE', `there is no connection from ${names}`);
  }
  return { connection, end: opener === from ? 'to' : 'from' };
}

/** The message. */
export function forged(stage: Stage, kind: ForgedKind, from: number, fields: Fields): BusMessage {
  const header = headerOf(stage, stage.node(from), fields);
  switch (kind) {
    case 'fail':
      return { kind, header, node: aboutId(stage, fields) };
    case 'update':
      return {
        kind,
        header,
        node: aboutId(stage, fields),
        configEpoch: numberOf(fields, 'about-epoch', 0),
        slots: slotsOf(fields, 'about-slots', SlotSet.EMPTY),
      };
    case 'request':
      return { kind: 'failoverAuthRequest', header };
    case 'vote':
      return { kind: 'failoverAuthAck', header };
    default:
      return { kind, header, gossip: gossipOf(stage, fields), extensions: extensionsOf(fields) };
  }
}

function headerOf(stage: Stage, node: ClusterNode, fields: Fields): BusHeader {
  const { topology } = node;
  const { self } = topology;
  const { port, altPort, busPort } = topology.addressOf(self);
  const primary = fields.get('replica-of');
  const role = primary === undefined ? NodeFlag.primary : NodeFlag.replica;
  const sender = fields.get('sender');
  return {
    sender: sender === undefined ? node.id : idFrom(stage, sender),
    currentEpoch: numberOf(fields, 'epoch', topology.currentEpoch),
    configEpoch: numberOf(fields, 'config-epoch', topology.configEpochOf(self)),
    offset: 0,
    slots: slotsOf(fields, 'slots', topology.slotsOf(self)),
    replicaOf: primary === undefined ? null : idFrom(stage, primary),
    host: '',
    port,
    altPort,
    busPort,
    flags: NodeFlag.myself | role,
    clusterState: topology.clusterState,
    messageFlags: MessageFlag.extensionData,
  };
}

function aboutId(stage: Stage, fields: Fields): string {
  const about = fields.get('about');
  if (about === undefined) throw bad(`'about' is missing: of whom the message speaks`);
  return idFrom(stage, about);
}

/** A node's id, or an id as it stands. */
function idFrom(stage: Stage, word: string): string {
  return /^[0-9a-z]{40}$/.test(word) ? word : stage.node(parseNode(word)).id;
}

function numberOf(fields: Fields, name: string, usual: number): number {
  const word = fields.get(name);
  return word === undefined ? usual : parseNumber(word, name);
}

function slotsOf(fields: Fields, name: string, usual: SlotSet): SlotSet {
  const word = fields.get(name);
  if (word === undefined) return usual;
  return word === 'none' ? SlotSet.EMPTY : parseSlots(word.replaceAll(',', ' '));
}

const HEALTH_FLAGS: ReadonlyMap<string, number> = new Map([
  ['ok', 0],
  ['pfail', NodeFlag.pfail],
  ['fail', NodeFlag.fail],
]);

function gossipOf(stage: Stage, fields: Fields): GossipEntry[] {
  const words = fields.get('tells')?.split(',') ?? [];
  return words.map((word) => {
    const [name, health] = word.split(':');
    const flag = HEALTH_FLAGS.get(health);
    if (flag === undefined) throw bad(`'${word}' tells no health: B:ok, B:pfail, B:fail`);
    const { id, place, clock } = stage.node(parseNode(name));
    return {
      node: id,
      pingSentS: 0,
      pongReceivedS: Math.floor(clock.read(stage.world.nowMs) / 1000),
      host: place.host,
      port: place.port,
      altPort: 0,
      busPort: place.port + 10_000,
      flags: NodeFlag.primary | flag,
    };
  });
}

function extensionsOf(fields: Fields): PingExtension[] {
  const hostname = fields.get('hostname');
  return hostname === undefined ? [] : [{ kind: 'hostname', hostname }];
}
