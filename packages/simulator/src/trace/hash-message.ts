// Hot path: a 32-bit hash of a value that a run is made of: messages, inputs, effects. Equal values
// have equal hashes, whoever made them and in whatever order of fields; nodes' names, which come
// again and again, are hashed once.

import type { BusHeader, BusMessage, GossipEntry, PingExtension } from '@slotmesh/cluster-bus';
import { SlotSet } from '@slotmesh/crc16-slots';

/** Takes one more word into a hash. */
export function combine(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

const scratch = new DataView(new ArrayBuffer(8));

export function combineNumber(hash: number, value: number): number {
  const word = value | 0;
  if (word === value) return combine(hash, word);
  scratch.setFloat64(0, value);
  return combine(combine(hash, scratch.getInt32(0)), scratch.getInt32(4));
}

/** Names that were hashed before; a run has a few thousand. */
const names = new Map<string, number>();
const NAMES_MAX = 100_000;

/** Of a text that comes again and again: an id, a host, the name of a field. */
export function hashText(text: string): number {
  const known = names.get(text);
  if (known !== undefined) return known;
  const hash = hashFreshText(text);
  if (names.size >= NAMES_MAX) names.clear();
  names.set(text, hash);
  return hash;
}

/** The same of a text that is not worth remembering. */
export function hashFreshText(text: string): number {
  let hash = combine(0x517cc1b7, text.length);
  for (let i = 0; i < text.length; i++) hash = combine(hash, text.charCodeAt(i));
  return hash;
}

/** A set never changes, and most headers share theirs with the one before. */
const slotSets = new WeakMap<SlotSet, number>();

function hashSlots(slots: SlotSet): number {
  const known = slotSets.get(slots);
  if (known !== undefined) return known;
  const hash = hashBytes(slots.bitmap);
  slotSets.set(slots, hash);
  return hash;
}

function hashBytes(bytes: Uint8Array): number {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hash = bytes.length;
  let i = 0;
  for (; i + 4 <= bytes.length; i += 4) hash = combine(hash, words.getInt32(i));
  for (; i < bytes.length; i++) hash = combine(hash, bytes[i]);
  return hash;
}

/** The hash of a message. Pings, which are nearly all of them, take the short way. */
export function hashMessage(message: BusMessage): number {
  if (message.kind !== 'ping' && message.kind !== 'pong') return hashValue(message);
  const { header, gossip, extensions } = message;
  let hash = combine(hashHeader(header), message.kind === 'ping' ? 1 : 2);
  hash = combine(hash, gossip.length);
  for (let i = 0; i < gossip.length; i++) hash = combine(hash, hashEntry(gossip[i]));
  for (let i = 0; i < extensions.length; i++) hash = combine(hash, hashExtension(extensions[i]));
  return hash;
}

const KIND_SHARD_ID = combine(hashText('kind'), hashValue('shardId'));
const SHARD_ID = hashText('shardId');

/** As {@link hashValue}. Nearly all messages have one extension, the shard's id. */
function hashExtension(extension: PingExtension): number {
  if (extension.kind !== 'shardId') return hashValue(extension);
  return (10 + KIND_SHARD_ID + combine(SHARD_ID, hashValue(extension.shardId))) | 0;
}

function hashHeader(header: BusHeader): number {
  let hash = hashText(header.sender);
  hash = combineNumber(hash, header.currentEpoch);
  hash = combineNumber(hash, header.configEpoch);
  hash = combineNumber(hash, header.offset);
  hash = combine(hash, hashSlots(header.slots));
  hash = combine(hash, header.replicaOf === null ? 0 : hashText(header.replicaOf));
  hash = combine(hash, hashText(header.host));
  hash = combine(hash, header.port);
  hash = combine(hash, header.altPort);
  hash = combine(hash, header.busPort);
  hash = combine(hash, header.flags);
  hash = combine(hash, header.messageFlags);
  return combine(hash, header.clusterState === 'ok' ? 1 : 0);
}

function hashEntry(entry: GossipEntry): number {
  let hash = hashText(entry.node);
  hash = combineNumber(hash, entry.pingSentS);
  hash = combineNumber(hash, entry.pongReceivedS);
  hash = combine(hash, hashText(entry.host));
  hash = combine(hash, entry.port);
  hash = combine(hash, entry.altPort);
  hash = combine(hash, entry.busPort);
  return combine(hash, entry.flags);
}

/** The hash of plain data of any shape. */
export function hashValue(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return combineNumber(1, value);
    case 'string':
      return combine(2, hashText(value));
    case 'boolean':
      return value ? 3 : 4;
    case 'object':
      return value === null ? 5 : hashObject(value);
    default:
      return 6;
  }
}

type Fields = { readonly [name: string]: unknown };

function hashObject(value: object): number {
  if (value instanceof SlotSet) return combine(7, hashSlots(value));
  if (value instanceof Uint8Array) return combine(8, hashBytes(value));
  if (Array.isArray(value)) {
    let hash = combine(9, value.length);
    for (const item of value) hash = combine(hash, hashValue(item));
    return hash;
  }
  // The order of fields is no part of a value: each adds what does not depend on the others.
  let sum = 10;
  // Plain data has no fields but its own; a list of them would be made for each value.
  for (const name in value) {
    sum = (sum + combine(hashText(name), hashValue((value as Fields)[name]))) | 0;
  }
  return sum;
}
