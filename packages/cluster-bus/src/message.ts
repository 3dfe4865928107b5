// The messages of the Redis Cluster bus as values. Immutable: one object may be sent to many nodes,
// and the simulator hands the same object to the receiver. Layout and rules: the wire format shared
// by Redis 3.0 to 8 and Valkey 8 to 9.

import type { SlotSet } from '@slotmesh/crc16-slots';

/** The node flags of the wire (16 bits). */
export const NodeFlag = {
  primary: 1,
  replica: 2,
  pfail: 4,
  fail: 8,
  myself: 16,
  handshake: 32,
  noAddress: 64,
  meet: 128,
  migrateTo: 256,
  noFailover: 512,
  extensionsSupported: 1024,
  lightPublish: 2048,
  lightModule: 4096,
  myPrimaryFail: 8192,
  authNackSupported: 16384,
} as const;

/**
 * The bits of the first two `mflags` bytes of a header: the first byte is the low one. The second is unused
 * in Redis and Valkey, who send 0 and ignore what they get; the bits in it are ours.
 */
export const MessageFlag = {
  paused: 1,
  forceAck: 2,
  extensionData: 4,
  /** The sender keeps to the rules of write leases. */
  leaseAware: 0x100,
  /** This answer keeps no lease. */
  uncounted: 0x200,
  /** With it: because a vote against the receiver may be in use, in an epoch above the receiver's config epoch. */
  votedAgainst: 0x400,
} as const;

/** What every message but the light ones says of its sender. */
export interface BusHeader {
  /** Node id of the sender, 40 characters. */
  readonly sender: string;
  readonly currentEpoch: number;
  /** The sender's own config epoch; a replica sends its primary's. */
  readonly configEpoch: number;
  /** Replication offset in bytes. */
  readonly offset: number;
  /** Slots that the sender serves; a replica sends its primary's. */
  readonly slots: SlotSet;
  /** The primary that the sender replicates, null if it is a primary. */
  readonly replicaOf: string | null;
  /** Announced host; empty: the receiver takes the address of the connection. */
  readonly host: string;
  /** Announced client port: the TLS port where the cluster speaks TLS, else the TCP port. */
  readonly port: number;
  /** The other client port of the two, 0 = none. */
  readonly altPort: number;
  readonly busPort: number;
  /** {@link NodeFlag} bits. */
  readonly flags: number;
  /** The sender's view of the cluster's state. */
  readonly clusterState: 'ok' | 'fail';
  /** {@link MessageFlag} bits. */
  readonly messageFlags: number;
}

/**
 * What a PING, PONG or MEET says of a third node. Times are the wire's own: Unix seconds, 0 =
 * never.
 */
export interface GossipEntry {
  readonly node: string;
  readonly pingSentS: number;
  readonly pongReceivedS: number;
  readonly host: string;
  readonly port: number;
  readonly altPort: number;
  readonly busPort: number;
  /** {@link NodeFlag} bits. */
  readonly flags: number;
}

/** Extensions of PING, PONG and MEET (Redis 7.0 and later). */
export type PingExtension =
  | { readonly kind: 'hostname'; readonly hostname: string }
  | { readonly kind: 'nodename'; readonly nodename: string }
  | { readonly kind: 'forgottenNode'; readonly node: string; readonly ttlS: number }
  | { readonly kind: 'shardId'; readonly shardId: string }
  | { readonly kind: 'clientIpv4'; readonly address: string }
  | { readonly kind: 'clientIpv6'; readonly address: string }
  /**
   * Redis 8's number 4: 40 opaque bytes. Told from Valkey's number 4 (client IPv4) by its shape.
   */
  | { readonly kind: 'internalSecret'; readonly secret: Uint8Array }
  | { readonly kind: 'clientPort'; readonly port: number }
  | { readonly kind: 'clientTlsPort'; readonly port: number }
  | { readonly kind: 'availabilityZone'; readonly zone: string }
  /**
   * Kept as it came, so that it can be passed on: `data` is what follows the 8-byte extension
   * header, a multiple of 8 bytes; `reserved` the 16 bits beside the type, left out where they are
   * 0, as in every extension known so far.
   */
  | {
      readonly kind: 'unknown';
      readonly type: number;
      readonly reserved?: number;
      readonly data: Uint8Array;
    };

export interface PingMessage {
  readonly kind: 'ping' | 'pong' | 'meet';
  readonly header: BusHeader;
  readonly gossip: readonly GossipEntry[];
  readonly extensions: readonly PingExtension[];
}
export interface FailMessage {
  readonly kind: 'fail';
  readonly header: BusHeader;
  /** The node that the sender declares failed. */
  readonly node: string;
}
/**
 * `header` is null where the message came with the light header of Valkey 8.1: the link tells the
 * sender.
 */
export interface PublishMessage {
  readonly kind: 'publish' | 'publishShard';
  readonly header: BusHeader | null;
  readonly channel: Uint8Array;
  readonly message: Uint8Array;
}
/** The messages that are a header and nothing else. */
export interface BareMessage {
  readonly kind: 'failoverAuthRequest' | 'failoverAuthAck' | 'manualFailoverStart';
  readonly header: BusHeader;
}
export interface UpdateMessage {
  readonly kind: 'update';
  readonly header: BusHeader;
  readonly node: string;
  readonly configEpoch: number;
  readonly slots: SlotSet;
}
export interface ModuleMessage {
  readonly kind: 'module';
  readonly header: BusHeader | null;
  /** 8 opaque bytes. */
  readonly moduleId: Uint8Array;
  readonly type: number;
  readonly payload: Uint8Array;
}
export interface FailoverAuthNackMessage {
  readonly kind: 'failoverAuthNack';
  readonly header: BusHeader;
  /** The epoch of the request that was refused. */
  readonly epoch: number;
  readonly reason: number;
}
/** A type that this codec does not know; `body` is what follows the header. */
export interface UnknownMessage {
  readonly kind: 'unknown';
  readonly header: BusHeader;
  readonly type: number;
  readonly body: Uint8Array;
}

export type BusMessage =
  | PingMessage
  | FailMessage
  | PublishMessage
  | BareMessage
  | UpdateMessage
  | ModuleMessage
  | FailoverAuthNackMessage
  | UnknownMessage;
