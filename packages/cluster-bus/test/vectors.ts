// The captured messages, and what their fields say in the codec's own words.

import { readFileSync } from 'node:fs';
import { SlotSet } from '@slotmesh/crc16-slots';
import type { BusHeader, BusMessage, GossipEntry, PingExtension } from '../src/index.ts';

interface VectorGossip {
  name: string;
  pingSent: number;
  pongReceived: number;
  ip: string;
  port: number;
  busPort: number;
  flags: number;
  secondaryPort: number;
}

type VectorExtension =
  | { type: 'hostname' | 'human-nodename' | 'client-ipv4' | 'shard-id'; value: string }
  | { type: 'forgotten-node'; name: string; ttl: string };

export interface VectorFields {
  totlen: number;
  version: number;
  type: string;
  light: boolean;
  port: number;
  count: number;
  currentEpoch: string;
  configEpoch: string;
  replicationOffset: string;
  sender: string;
  slots: [number, number][];
  replicaOf: string;
  ip: string;
  extensions: number;
  secondaryPort: number;
  busPort: number;
  flags: number;
  state: number;
  mflags: number[];
  gossip: VectorGossip[];
  ext: VectorExtension[];
  update: { configEpoch: string; name: string; slots: [number, number][] };
  about: string;
  channel: string;
  message: string;
}

export interface Vector {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly fields: VectorFields;
}

const file = new URL('./vectors/messages.jsonl', import.meta.url);

export const vectors: readonly Vector[] = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line, i) => {
    const { source, bytes, fields } = JSON.parse(line);
    return {
      name: `line ${i + 1}, ${fields.type} of ${source}`,
      bytes: new Uint8Array(Buffer.from(bytes, 'base64')),
      fields,
    };
  });

/** One vector of each kind of message and shape: what differs only in values is left out. */
export const distinctVectors: readonly Vector[] = [
  ...new Map(
    vectors.map((vector) => {
      const { type, light, count, ext } = vector.fields;
      const shape = [type, light, count > 0, ext?.map((e) => e.type)];
      return [JSON.stringify(shape), vector] as const;
    }),
  ).values(),
];

function slotsOf(ranges: [number, number][]): SlotSet {
  return SlotSet.fromRanges(ranges.map(([start, end]) => ({ start, end })));
}

function headerOf(fields: VectorFields): BusHeader {
  return {
    sender: fields.sender,
    currentEpoch: Number(fields.currentEpoch),
    configEpoch: Number(fields.configEpoch),
    offset: Number(fields.replicationOffset),
    slots: slotsOf(fields.slots),
    replicaOf: fields.replicaOf === '' ? null : fields.replicaOf,
    host: fields.ip,
    port: fields.port,
    altPort: fields.secondaryPort,
    busPort: fields.busPort,
    flags: fields.flags,
    clusterState: fields.state === 0 ? 'ok' : 'fail',
    messageFlags: fields.mflags[0],
  };
}

function gossipOf(entry: VectorGossip): GossipEntry {
  return {
    node: entry.name,
    pingSentS: entry.pingSent,
    pongReceivedS: entry.pongReceived,
    host: entry.ip,
    port: entry.port,
    altPort: entry.secondaryPort,
    busPort: entry.busPort,
    flags: entry.flags,
  };
}

function extensionOf(extension: VectorExtension): PingExtension {
  switch (extension.type) {
    case 'hostname':
      return { kind: 'hostname', hostname: extension.value };
    case 'human-nodename':
      return { kind: 'nodename', nodename: extension.value };
    case 'client-ipv4':
      return { kind: 'clientIpv4', address: extension.value };
    case 'shard-id':
      return { kind: 'shardId', shardId: extension.value };
    case 'forgotten-node':
      return { kind: 'forgottenNode', node: extension.name, ttlS: Number(extension.ttl) };
  }
}

/** The message that a vector's fields describe. */
export function messageOf(fields: VectorFields): BusMessage {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
  const header = fields.light ? null : headerOf(fields);
  const publish = (kind: 'publish' | 'publishShard'): BusMessage => {
    return { kind, header, channel: utf8(fields.channel), message: utf8(fields.message) };
  };
  if (fields.type === 'publish') return publish('publish');
  if (fields.type === 'publish-shard') return publish('publishShard');
  if (header === null) throw new Error(`a light ${fields.type} among the vectors`);
  switch (fields.type) {
    case 'ping':
    case 'pong':
    case 'meet':
      return {
        kind: fields.type,
        header,
        gossip: fields.gossip.map(gossipOf),
        extensions: fields.ext.map(extensionOf),
      };
    case 'fail':
      return { kind: 'fail', header, node: fields.about };
    case 'auth-request':
      return { kind: 'failoverAuthRequest', header };
    case 'auth-ack':
      return { kind: 'failoverAuthAck', header };
    case 'mfstart':
      return { kind: 'manualFailoverStart', header };
    case 'update':
      return {
        kind: 'update',
        header,
        configEpoch: Number(fields.update.configEpoch),
        node: fields.update.name,
        slots: slotsOf(fields.update.slots),
      };
    default:
      throw new Error(`type ${fields.type} among the vectors`);
  }
}
