// One of everything that a run is made of, with every field that its type has: a new field must be given here, or this
// file does not compile, and then whatever forgets it in src/ fails its test.

import type { BusHeader, BusMessage, PingExtension } from '@slotmesh/cluster-bus';
import {
  type ClusterEffect,
  type ClusterInput,
  type ClusterNotice,
  clusterDefaults,
} from '@slotmesh/cluster-core';
import { SlotSet } from '@slotmesh/crc16-slots';
import type { LinkId, NodeAddress, NodeIndex } from '@slotmesh/topology';
import type { TraceRecord } from '../../../src/trace/trace-sink.ts';

export const ID_A = 'a'.repeat(40);
export const ID_B = 'b'.repeat(40);
const bytes = (...values: number[]) => Uint8Array.from(values);
const link = 14 as LinkId;

const address: NodeAddress = { host: '10.0.0.2', port: 7001, altPort: 0, busPort: 17001 };

export const HEADER: Required<BusHeader> = {
  sender: ID_A,
  currentEpoch: 7,
  configEpoch: 2 ** 40,
  offset: 123_456,
  slots: SlotSet.parse('0-5460'),
  replicaOf: null,
  host: '',
  port: 7000,
  altPort: 0,
  busPort: 17000,
  flags: 1,
  clusterState: 'ok',
  messageFlags: 4,
};

const EXTENSIONS: readonly PingExtension[] = [
  { kind: 'hostname', hostname: 'a.example' },
  { kind: 'nodename', nodename: 'a' },
  { kind: 'forgottenNode', node: ID_B, ttlS: 60 },
  { kind: 'shardId', shardId: 'c'.repeat(40) },
  { kind: 'clientIpv4', address: '10.1.0.1' },
  { kind: 'clientIpv6', address: '::1' },
  { kind: 'internalSecret', secret: bytes(1, 2, 3, 4, 5) },
  { kind: 'clientPort', port: 7000 },
  { kind: 'clientTlsPort', port: 7100 },
  { kind: 'availabilityZone', zone: 'z' },
  { kind: 'unknown', type: 99, reserved: 1, data: bytes(9) },
];

const gossip = [
  {
    node: ID_B,
    pingSentS: 1_700_000_000,
    pongReceivedS: 1_700_000_001,
    host: '10.0.0.2',
    port: 7001,
    altPort: 0,
    busPort: 17001,
    flags: 5,
  },
];

const header = HEADER;
const replica: BusHeader = { ...HEADER, replicaOf: ID_B };
export const MESSAGES: readonly BusMessage[] = [
  { kind: 'ping', header, gossip, extensions: EXTENSIONS },
  { kind: 'pong', header: replica, gossip, extensions: [] },
  { kind: 'meet', header, gossip, extensions: [] },
  { kind: 'fail', header, node: ID_B },
  { kind: 'publish', header, channel: bytes(1), message: bytes(2) },
  { kind: 'publishShard', header: null, channel: bytes(1, 2, 3, 4, 5, 6), message: bytes() },
  { kind: 'failoverAuthRequest', header },
  { kind: 'failoverAuthAck', header },
  { kind: 'manualFailoverStart', header },
  { kind: 'update', header, node: ID_B, configEpoch: 9, slots: SlotSet.parse('1 3 5-7') },
  { kind: 'module', header, moduleId: bytes(1, 2, 3, 4, 5, 6, 7, 8), type: 1, payload: bytes(1) },
  { kind: 'failoverAuthNack', header, epoch: 3, reason: 1 },
  { kind: 'unknown', header, type: 200, body: bytes(1) },
];

export const INPUTS: readonly ClusterInput[] = [
  ...MESSAGES.map((message): ClusterInput => ({ kind: 'message', link, message })),
  { kind: 'linkUp', link, remoteHost: '10.0.0.2', localHost: '10.0.0.1' },
  { kind: 'linkDown', link },
  { kind: 'publish', sharded: true, channel: bytes(1), message: bytes(2) },
  { kind: 'tick' },
];

const NOTICES: readonly ClusterNotice[] = [
  { kind: 'nodeJoined', id: ID_B, address },
  { kind: 'nodeFailed', id: ID_B, reporter: null },
  { kind: 'nodeRecovered', id: ID_B, wasReplica: true },
  { kind: 'slotsTaken', by: ID_B, slots: [1, 2, 3] },
  { kind: 'stateChanged', state: 'ok' },
];

export const EFFECTS: readonly ClusterEffect[] = [
  { kind: 'persist', durable: true },
  ...MESSAGES.map((message): ClusterEffect => ({ kind: 'send', link, message })),
  { kind: 'connect', link, address },
  { kind: 'disconnect', link },
  { kind: 'deliver', sharded: false, channel: bytes(1), message: bytes(2) },
  { kind: 'slotsLost', slots: [1, 2], deleteKeys: true },
  { kind: 'follow', node: 1 as NodeIndex, id: ID_B, address },
  { kind: 'promote' },
  { kind: 'pauseWrites', untilMs: 7 },
  { kind: 'resumeWrites' },
  { kind: 'emptyData' },
  ...NOTICES.map((notice): ClusterEffect => ({ kind: 'notice', notice })),
];

const OPTIONS = clusterDefaults;

const nowMs = 1_700_000_000_123;
const CONF = `${ID_A} 10.0.0.1:7000@17000 myself,master - 0 0 5 connected 0-5460
${ID_B} 10.0.0.2:7000@17000 master - 0 0 1 disconnected
vars currentEpoch 7 lastVoteEpoch 5 crc64 0000000000000000
`;

/** The records of a run that never was. */
export const RECORDS: readonly TraceRecord[] = [
  {
    kind: 'start',
    atMs: 0,
    node: 1,
    nowMs,
    conf: CONF,
    random: [1, 2 ** 32 - 1, 3, 4],
    options: OPTIONS,
  },
  { kind: 'environment', atMs: 1, node: -1, what: 'partition', detail: `${ID_A} | ${ID_B}` },
  ...INPUTS.map((input, i): TraceRecord => ({ kind: 'input', atMs: 2 + i, node: 1, nowMs, input })),
  {
    kind: 'command',
    atMs: 50,
    node: 1,
    nowMs,
    command: { kind: 'forget', id: ID_B },
    outcome: { ok: true, text: 'OK' },
  },
  {
    kind: 'command',
    atMs: 51,
    node: 1,
    nowMs,
    command: { kind: 'bumpEpoch' },
    outcome: { ok: true, text: 'BUMPED 8' },
  },
  { kind: 'settle', atMs: 51, node: 1, nowMs },
  ...EFFECTS.map((effect): TraceRecord => ({ kind: 'effect', atMs: 60.5, node: 1, effect })),
  { kind: 'options', atMs: 70, node: 1, options: OPTIONS },
  { kind: 'keys', atMs: 71, node: 1, slot: 5, count: 2 },
  { kind: 'stop', atMs: 80, node: 1, why: 'powerLost' },
];

/** Every value that differs from `value` in one place. */
export function* variants(value: unknown): Generator<unknown> {
  if (value === 'ok') yield 'fail';
  else if (typeof value === 'number') yield value + 1;
  else if (typeof value === 'string')
    yield* value === '' ? ['x'] : [`${value}x`, `y${value.slice(1)}`];
  else if (typeof value === 'boolean') yield !value;
  else if (value === null) yield 'something';
  else if (value instanceof SlotSet) yield value.has(9000) ? value.without(9000) : value.with(9000);
  else if (value instanceof Uint8Array) {
    yield Uint8Array.from([...value, 0]);
    for (let i = 0; i < value.length; i++)
      yield value.map((byte, k) => (k === i ? byte ^ 0x80 : byte));
  } else if (Array.isArray(value)) {
    yield value.length === 0 ? [1] : value.slice(0, -1);
    for (const [i, item] of value.entries())
      for (const other of variants(item)) yield value.with(i, other);
  } else {
    for (const [name, field] of Object.entries(value as object)) {
      for (const other of variants(field)) yield { ...(value as object), [name]: other };
    }
  }
}
