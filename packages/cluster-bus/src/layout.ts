// Where the fields of a bus message lie. The layout is the same from Redis 7.0 to 8 and Valkey
// 9.1: `clusterMsg` and its parts in the servers' cluster_legacy.h. All integers are big-endian;
// offsets are from the start of the message, or of the gossip entry or extension.

/** "RCmb", as the big-endian number that a frame starts with. */
export const SIGNATURE = 0x52436d62;
export const VERSION = 1;
/**
 * Bytes from which a frame's type, length and gossip count are known; no valid frame is shorter.
 */
export const PREFIX_BYTES = 16;
export const ID_BYTES = 40;
export const HOST_BYTES = 46;
export const BITMAP_BYTES = 2048;

/** The bit of the type field that says that the light header is used. */
export const LIGHT_BIT = 0x8000;
export const LIGHT_HEADER_BYTES = 16;
export const HEADER_BYTES = 2256;

/** The header; the first 16 bytes but `port` and `count` are the light header's too. */
export const Header = {
  signature: 0,
  length: 4,
  version: 8,
  port: 10,
  type: 12,
  count: 14,
  currentEpoch: 16,
  configEpoch: 24,
  offset: 32,
  sender: 40,
  slots: 80,
  replicaOf: 2128,
  host: 2168,
  extensions: 2214,
  altPort: 2246,
  busPort: 2248,
  flags: 2250,
  state: 2252,
  messageFlags: 2253,
} as const;

export const GOSSIP_BYTES = 104;

/** One gossip entry. */
export const Gossip = {
  node: 0,
  pingSent: 40,
  pongReceived: 44,
  host: 48,
  port: 94,
  busPort: 96,
  flags: 98,
  altPort: 100,
} as const;

/** Message types as numbered on the wire. */
export const Type = {
  ping: 0,
  pong: 1,
  meet: 2,
  fail: 3,
  publish: 4,
  failoverAuthRequest: 5,
  failoverAuthAck: 6,
  update: 7,
  manualFailoverStart: 8,
  module: 9,
  publishShard: 10,
  failoverAuthNack: 11,
} as const;
/** The first type number that this codec does not know. */
export const UNKNOWN_TYPE_MIN = 12;
export const TYPE_MAX: number = LIGHT_BIT - 1;

export const FAIL_BYTES: number = ID_BYTES;
/** Two lengths, before a channel and its message. */
export const PUBLISH_PREFIX_BYTES = 8;
/** Config epoch, node id, slots. */
export const UPDATE_BYTES: number = 8 + ID_BYTES + BITMAP_BYTES;
export const MODULE_ID_BYTES = 8;
/** Module id, payload length, type; before a module's payload. */
export const MODULE_PREFIX_BYTES: number = MODULE_ID_BYTES + 4 + 1;
/** Epoch, reason, seven reserved bytes. */
export const AUTH_NACK_BYTES = 16;

/**
 * An extension starts with its length (32 bits, itself included), its type and 16 reserved bits.
 */
export const EXTENSION_HEADER_BYTES = 8;

/**
 * Extension types as numbered on the wire; 4 is a client address to Valkey and a secret to Redis 8.
 */
export const Extension = {
  hostname: 0,
  nodename: 1,
  forgottenNode: 2,
  shardId: 3,
  clientIpv4: 4,
  internalSecret: 4,
  clientIpv6: 5,
  clientPort: 6,
  clientTlsPort: 7,
  availabilityZone: 8,
} as const;
/** The first extension number that this codec does not know. */
export const UNKNOWN_EXTENSION_MIN = 9;
export const FORGOTTEN_NODE_BYTES: number = EXTENSION_HEADER_BYTES + ID_BYTES + 8;
export const SHARD_ID_BYTES: number = EXTENSION_HEADER_BYTES + ID_BYTES;
export const SECRET_DATA_BYTES = 40;
export const PORT_EXTENSION_BYTES = 16;

/**
 * The whole length of the extension that holds a text: its bytes and at least one NUL, filled up to
 * 8.
 */
export function textExtensionBytes(textBytes: number): number {
  return EXTENSION_HEADER_BYTES + 8 * Math.floor(textBytes / 8 + 1);
}
