// Messages that no honest node sends: everything that the wire can say, in any name, about anyone,
// with the numbers that break things.

import {
  type BusHeader,
  type BusMessage,
  type GossipEntry,
  MessageFlag,
  type PingExtension,
} from '@slotmesh/cluster-bus';
import { SLOT_COUNT, SlotSet } from '@slotmesh/crc16-slots';
import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';
import { newId } from '../world/identity.ts';

/** Who is lied to, and whose place on the connection the liar has. */
export interface Victims {
  readonly world: World;
  readonly dice: Dice;
  readonly receiver: SimNode;
  readonly peer: SimNode;
}

const EPOCH_MAX = Number.MAX_SAFE_INTEGER;
const U32_MAX = 0xffff_ffff;
const KINDS: readonly BusMessage['kind'][] = [
  ...(['ping', 'ping', 'pong', 'pong', 'meet', 'fail', 'update', 'update', 'publish'] as const),
  ...(['publishShard', 'failoverAuthRequest', 'failoverAuthAck', 'failoverAuthNack'] as const),
  ...(['manualFailoverStart', 'module', 'unknown'] as const),
];

/** A message that the wire has a form for, most of the times. */
export function forgedMessage(victims: Victims): BusMessage {
  const { dice } = victims;
  const header = forgedHeader(victims);
  const kind = dice.pick(KINDS);
  switch (kind) {
    case 'ping':
    case 'pong':
    case 'meet':
      return { kind, header, ...forgedGossip(victims) };
    case 'fail':
      return { kind, header, node: anyId(victims) };
    case 'update': {
      const node = anyId(victims);
      return { kind, header, node, configEpoch: anyEpoch(victims), slots: anySlots(victims) };
    }
    case 'publish':
    case 'publishShard': {
      const channel = bytes(dice);
      return { kind, header: dice.chance(0.3) ? null : header, channel, message: bytes(dice) };
    }
    case 'module': {
      const moduleId = Uint8Array.from({ length: 8 }, () => dice.below(256));
      return { kind, header, moduleId, type: dice.below(256), payload: bytes(dice) };
    }
    case 'failoverAuthNack':
      return { kind, header, epoch: anyEpoch(victims), reason: dice.below(256) };
    case 'unknown':
      return { kind, header, type: dice.between(12, 0x7fff), body: bytes(dice) };
    default:
      return { kind, header };
  }
}

function forgedHeader(victims: Victims): BusHeader {
  const { dice, peer } = victims;
  return {
    sender: dice.chance(0.5) ? peer.id : anyId(victims),
    currentEpoch: anyEpoch(victims),
    configEpoch: anyEpoch(victims),
    offset: dice.pick([0, 1, EPOCH_MAX]),
    slots: anySlots(victims),
    replicaOf: dice.chance(0.6) ? null : anyId(victims),
    host: anyHost(victims),
    ...anyPorts(victims),
    flags: dice.chance(0.5) ? 1 : dice.below(0x1_0000),
    clusterState: dice.pick(['ok', 'fail']),
    messageFlags: dice.chance(0.8) ? MessageFlag.extensionData : dice.below(256),
  };
}

function forgedGossip(victims: Victims): {
  gossip: readonly GossipEntry[];
  extensions: readonly PingExtension[];
} {
  const { dice } = victims;
  const many = (most: number): undefined[] => {
    return Array.from({ length: dice.chance(0.5) ? 0 : dice.between(1, most) });
  };
  return {
    gossip: many(20).map(() => forgedEntry(victims)),
    extensions: many(4).map(() => forgedExtension(victims)),
  };
}

function forgedEntry(victims: Victims): GossipEntry {
  const { dice } = victims;
  return {
    node: anyId(victims),
    pingSentS: dice.pick([0, 1, U32_MAX]),
    pongReceivedS: dice.pick([0, 1, 1_700_000_000, U32_MAX]),
    host: anyHost(victims),
    ...anyPorts(victims),
    flags: dice.chance(0.5) ? dice.pick([1, 2, 4, 8]) : dice.below(0x1_0000),
  };
}

function forgedExtension(victims: Victims): PingExtension {
  const { dice } = victims;
  switch (dice.below(6)) {
    case 0:
      return { kind: 'shardId', shardId: anyId(victims) };
    case 1:
      return { kind: 'hostname', hostname: dice.pick(['', 'a', 'host.example', 'x'.repeat(200)]) };
    case 2:
      return { kind: 'nodename', nodename: dice.pick(['', 'n', 'y'.repeat(100)]) };
    case 3:
      return { kind: 'unknown', type: dice.between(20, 0xffff), data: new Uint8Array(16) };
    default:
      return { kind: 'forgottenNode', node: anyId(victims), ttlS: dice.pick([0, 1, 60, 2 ** 40]) };
  }
}

/** A node's, the receiver's own, a stranger's, or nobody's. */
function anyId({ world, dice, receiver, peer }: Victims): string {
  switch (dice.below(5)) {
    case 0:
      return receiver.id;
    case 1:
      return peer.id;
    case 2:
      return newId(dice);
    default:
      return dice.pick(world.nodes).id;
  }
}

function anyEpoch({ dice, receiver: { topology } }: Victims): number {
  const own = dice.pick([topology.currentEpoch, topology.configEpochOf(topology.self)]);
  const epoch = dice.pick([
    ...[0, 1, own - 1, own, own, own + 1, own + dice.below(1000)],
    ...[own + 2 ** 32, own + 2 ** 48, own + 2 ** 48 + 1, EPOCH_MAX - 1, EPOCH_MAX],
  ]);
  return Math.min(EPOCH_MAX, Math.max(0, epoch));
}

function anySlots({ dice, receiver, peer }: Victims): SlotSet {
  switch (dice.below(5)) {
    case 0:
      return SlotSet.EMPTY;
    case 1:
      return SlotSet.ALL;
    case 2:
      return receiver.topology.slotsOf(receiver.topology.self);
    case 3:
      return peer.topology.slotsOf(peer.topology.self);
    default: {
      const start = dice.below(SLOT_COUNT);
      return SlotSet.fromRanges([{ start, end: dice.between(start, SLOT_COUNT - 1) }]);
    }
  }
}

function anyHost({ world, dice }: Victims): string {
  const hosts = [
    '',
    '0.0.0.0',
    '127.0.0.1',
    '255.255.255.255',
    '::1',
    '10.9.9.9',
    'not-an-address',
  ];
  return dice.chance(0.5) ? dice.pick(world.nodes).place.host : dice.pick(hosts);
}

function anyPorts({ dice }: Victims): { port: number; altPort: number; busPort: number } {
  if (dice.chance(0.5)) return { port: 7000, altPort: 0, busPort: 17_000 };
  const port = (): number => dice.pick([0, 1, 7000, 17_000, 0xffff]);
  return { port: port(), altPort: port(), busPort: port() };
}

function bytes(dice: Dice): Uint8Array {
  return Uint8Array.from({ length: dice.below(40) }, () => dice.below(256));
}
