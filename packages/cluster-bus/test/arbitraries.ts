// Generated messages: every kind, with every value that its fields can have.

import { SlotSet } from '@slotmesh/crc16-slots';
import fc from 'fast-check';
import type { BusHeader, BusMessage, GossipEntry, PingExtension } from '../src/index.ts';

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1));
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ minLength: 200, maxLength: 300 }),
);

const id = fc.string({
  unit: fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyz'),
  minLength: 40,
  maxLength: 40,
});
const asciiText = (maxLength: number) =>
  fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength,
  });
const host = fc.oneof(fc.constant(''), fc.ipV4(), fc.ipV6(), asciiText(45));
const name = fc.oneof(
  asciiText(80),
  fc
    .string({ unit: 'grapheme', maxLength: 20 })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a text must not have
    .map((text) => text.replaceAll(/[\u0000- \u007f]/g, '')),
);

const slots = fc.oneof(
  fc.constantFrom(SlotSet.EMPTY, SlotSet.ALL),
  fc
    .array(fc.tuple(fc.nat(16383), fc.nat(16383)), { maxLength: 4 })
    .map((pairs) =>
      SlotSet.fromRanges(pairs.map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }))),
    ),
);

export const header: fc.Arbitrary<BusHeader> = fc.record({
  sender: id,
  currentEpoch: u64,
  configEpoch: u64,
  offset: u64,
  slots,
  replicaOf: fc.option(id),
  host,
  port: u16,
  altPort: u16,
  busPort: u16,
  flags: u16,
  clusterState: fc.constantFrom('ok', 'fail'),
  messageFlags: u16,
});

const gossipEntry: fc.Arbitrary<GossipEntry> = fc.record({
  node: id,
  pingSentS: u32,
  pongReceivedS: u32,
  host,
  port: u16,
  altPort: u16,
  busPort: u16,
  flags: u16,
});

const unknownExtension: fc.Arbitrary<PingExtension> = fc
  .tuple(fc.integer({ min: 9, max: 0xffff }), u16, fc.nat(5))
  .chain(([type, reserved, words]) =>
    fc.uint8Array({ minLength: 8 * words, maxLength: 8 * words }).map((data) => ({
      kind: 'unknown' as const,
      type,
      ...(reserved === 0 ? {} : { reserved }),
      data,
    })),
  );

export const extension: fc.Arbitrary<PingExtension> = fc.oneof(
  name.map((hostname) => ({ kind: 'hostname' as const, hostname })),
  name.map((nodename) => ({ kind: 'nodename' as const, nodename })),
  name.map((zone) => ({ kind: 'availabilityZone' as const, zone })),
  asciiText(50).map((address) => ({ kind: 'clientIpv4' as const, address })),
  name.map((address) => ({ kind: 'clientIpv6' as const, address })),
  fc.record({ kind: fc.constant('forgottenNode' as const), node: id, ttlS: u64 }),
  id.map((shardId) => ({ kind: 'shardId' as const, shardId })),
  u16.map((port) => ({ kind: 'clientPort' as const, port })),
  u16.map((port) => ({ kind: 'clientTlsPort' as const, port })),
  fc
    .uint8Array({ minLength: 40, maxLength: 40 })
    .map((secret) => ({ kind: 'internalSecret' as const, secret })),
  unknownExtension,
);

const ping: fc.Arbitrary<BusMessage> = fc
  .record({
    kind: fc.constantFrom('ping', 'pong', 'meet'),
    header,
    gossip: fc.array(gossipEntry, { maxLength: 4 }),
    extensions: fc.array(extension, { maxLength: 4 }),
  })
  .map((message) => {
    const flag = message.extensions.length > 0 ? 4 : 0;
    const messageFlags = message.header.messageFlags | flag;
    return { ...message, header: { ...message.header, messageFlags } };
  });

export const message: fc.Arbitrary<BusMessage> = fc.oneof(
  ping,
  fc.record({ kind: fc.constant('fail'), header, node: id }),
  fc.record({
    kind: fc.constantFrom('publish', 'publishShard'),
    header: fc.option(header),
    channel: bytes,
    message: bytes,
  }),
  fc.record({
    kind: fc.constantFrom('failoverAuthRequest', 'failoverAuthAck', 'manualFailoverStart'),
    header,
  }),
  fc.record({ kind: fc.constant('update'), header, node: id, configEpoch: u64, slots }),
  fc.record({
    kind: fc.constant('module'),
    header: fc.option(header),
    moduleId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    type: u8,
    payload: bytes,
  }),
  fc.record({ kind: fc.constant('failoverAuthNack'), header, epoch: u64, reason: u8 }),
  fc.record({
    kind: fc.constant('unknown'),
    header,
    type: fc.integer({ min: 12, max: 0x7fff }),
    body: bytes,
  }),
);
