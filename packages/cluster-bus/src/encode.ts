// Hot path: per packet. One message to the bytes of its frame: the length is known before anything
// is written, so each frame is written once, into memory of its exact size. Reserved bytes are
// zero.
//
// A message that the wire has no form for is the caller's mistake: nothing is cut or rounded to
// make it fit.

import { BusEncodeError } from './errors.ts';
import { hostField, idField } from './fields.ts';
import {
  AUTH_NACK_BYTES,
  FAIL_BYTES,
  GOSSIP_BYTES,
  Gossip,
  HEADER_BYTES,
  Header,
  ID_BYTES,
  LIGHT_BIT,
  LIGHT_HEADER_BYTES,
  MODULE_ID_BYTES,
  MODULE_PREFIX_BYTES,
  PUBLISH_PREFIX_BYTES,
  SIGNATURE,
  TYPE_MAX,
  Type,
  UNKNOWN_TYPE_MIN,
  UPDATE_BYTES,
  VERSION,
} from './layout.ts';
import {
  type BusHeader,
  type BusMessage,
  type GossipEntry,
  MessageFlag,
  type ModuleMessage,
  type PingMessage,
  type PublishMessage,
  type UnknownMessage,
  type UpdateMessage,
} from './message.ts';
import { checkNumber, U8_MAX, U16_MAX, U32_MAX, writeU16, writeU32, writeU64 } from './numbers.ts';
import { prepareExtension, writeExtension } from './ping-extensions.ts';

/** A frame under construction: zeroed memory of its exact length. */
interface Frame {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/**
 * Encodes a message; the bytes are the caller's.
 * @throws BusEncodeError
 */
export function encodeBusMessage(message: BusMessage): Uint8Array {
  switch (message.kind) {
    case 'ping':
    case 'pong':
    case 'meet':
      return encodePing(message);
    case 'fail': {
      const { bytes, view } = begin(Type.fail, message.header, FAIL_BYTES);
      idField.write(view, HEADER_BYTES, message.node);
      return bytes;
    }
    case 'publish':
    case 'publishShard':
      return encodePublish(message);
    case 'failoverAuthRequest':
    case 'failoverAuthAck':
    case 'manualFailoverStart':
      return begin(Type[message.kind], message.header, 0).bytes;
    case 'update':
      return encodeUpdate(message);
    case 'module':
      return encodeModule(message);
    case 'failoverAuthNack': {
      const { bytes, view } = begin(Type.failoverAuthNack, message.header, AUTH_NACK_BYTES);
      writeU64(view, HEADER_BYTES, message.epoch, 'epoch');
      bytes[HEADER_BYTES + 8] = checkNumber(message.reason, U8_MAX, 'reason');
      return bytes;
    }
    case 'unknown':
      return encodeUnknown(message);
    default:
      return unknownKind(message);
  }
}

/**
 * Allocates a frame and writes its header: the full one, or the light one where `header` is null.
 */
function begin(type: number, header: BusHeader | null, bodyBytes: number): Frame {
  const length = (header === null ? LIGHT_HEADER_BYTES : HEADER_BYTES) + bodyBytes;
  if (length > U32_MAX) {
    throw new BusEncodeError('BUS_TOO_LONG', `a frame of ${length} bytes; the wire ends at 2^32`);
  }
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(Header.signature, SIGNATURE);
  view.setUint32(Header.length, length);
  view.setUint16(Header.version, VERSION);
  view.setUint16(Header.type, header === null ? type | LIGHT_BIT : type);
  if (header !== null) writeHeader(bytes, view, header);
  return { bytes, view };
}

function writeHeader(bytes: Uint8Array, view: DataView, header: BusHeader): void {
  writeU16(view, Header.port, header.port, 'port');
  writeU64(view, Header.currentEpoch, header.currentEpoch, 'currentEpoch');
  writeU64(view, Header.configEpoch, header.configEpoch, 'configEpoch');
  writeU64(view, Header.offset, header.offset, 'offset');
  idField.write(view, Header.sender, header.sender);
  bytes.set(header.slots.bitmap, Header.slots);
  if (header.replicaOf !== null) idField.write(view, Header.replicaOf, header.replicaOf);
  if (header.host !== '') hostField.write(view, Header.host, header.host);
  writeU16(view, Header.altPort, header.altPort, 'altPort');
  writeU16(view, Header.busPort, header.busPort, 'busPort');
  writeU16(view, Header.flags, header.flags, 'flags');
  bytes[Header.state] = header.clusterState === 'ok' ? 0 : 1;
  const messageFlags = checkNumber(header.messageFlags, U16_MAX, 'messageFlags');
  bytes[Header.messageFlags] = messageFlags & 0xff;
  bytes[Header.messageFlags + 1] = messageFlags >> 8;
}

function encodePing({ kind, header, gossip, extensions }: PingMessage): Uint8Array {
  checkCount(gossip.length, 'gossip entries');
  checkCount(extensions.length, 'extensions');
  if (extensions.length > 0 && (header.messageFlags & MessageFlag.extensionData) === 0) {
    throw new BusEncodeError(
      'BUS_BAD_EXTENSION',
      'extensions need MessageFlag.extensionData in messageFlags: peers drop the packet without',
    );
  }
  const prepared = extensions.map(prepareExtension);
  const extensionBytes = prepared.reduce((sum, { length }) => sum + length, 0);
  const gossipBytes = GOSSIP_BYTES * gossip.length;
  const { bytes, view } = begin(Type[kind], header, gossipBytes + extensionBytes);
  view.setUint16(Header.count, gossip.length);
  view.setUint16(Header.extensions, extensions.length);
  for (let i = 0; i < gossip.length; i++) {
    writeGossipEntry(view, HEADER_BYTES + GOSSIP_BYTES * i, gossip[i]);
  }
  let offset = HEADER_BYTES + gossipBytes;
  for (const extension of prepared) {
    writeExtension(view, bytes, offset, extension);
    offset += extension.length;
  }
  return bytes;
}

function writeGossipEntry(view: DataView, offset: number, entry: GossipEntry): void {
  idField.write(view, offset + Gossip.node, entry.node);
  writeU32(view, offset + Gossip.pingSent, entry.pingSentS, 'pingSentS');
  writeU32(view, offset + Gossip.pongReceived, entry.pongReceivedS, 'pongReceivedS');
  if (entry.host !== '') hostField.write(view, offset + Gossip.host, entry.host);
  writeU16(view, offset + Gossip.port, entry.port, 'port');
  writeU16(view, offset + Gossip.busPort, entry.busPort, 'busPort');
  writeU16(view, offset + Gossip.flags, entry.flags, 'flags');
  writeU16(view, offset + Gossip.altPort, entry.altPort, 'altPort');
}

function encodePublish({ kind, header, channel, message }: PublishMessage): Uint8Array {
  const bodyBytes = PUBLISH_PREFIX_BYTES + channel.length + message.length;
  const { bytes, view } = begin(Type[kind], header, bodyBytes);
  const body = bytes.length - bodyBytes;
  view.setUint32(body, channel.length);
  view.setUint32(body + 4, message.length);
  bytes.set(channel, body + PUBLISH_PREFIX_BYTES);
  bytes.set(message, body + PUBLISH_PREFIX_BYTES + channel.length);
  return bytes;
}

function encodeUpdate({ header, configEpoch, node, slots }: UpdateMessage): Uint8Array {
  const { bytes, view } = begin(Type.update, header, UPDATE_BYTES);
  writeU64(view, HEADER_BYTES, configEpoch, 'configEpoch');
  idField.write(view, HEADER_BYTES + 8, node);
  bytes.set(slots.bitmap, HEADER_BYTES + 8 + ID_BYTES);
  return bytes;
}

function encodeModule({ header, moduleId, type, payload }: ModuleMessage): Uint8Array {
  if (moduleId.length !== MODULE_ID_BYTES) {
    throw new BusEncodeError(
      'BUS_BAD_ID',
      `a module id of ${moduleId.length} bytes, not ${MODULE_ID_BYTES}`,
    );
  }
  const bodyBytes = MODULE_PREFIX_BYTES + payload.length;
  const { bytes, view } = begin(Type.module, header, bodyBytes);
  const body = bytes.length - bodyBytes;
  bytes.set(moduleId, body);
  view.setUint32(body + MODULE_ID_BYTES, payload.length);
  bytes[body + MODULE_ID_BYTES + 4] = checkNumber(type, U8_MAX, 'type');
  bytes.set(payload, body + MODULE_PREFIX_BYTES);
  return bytes;
}

function encodeUnknown({ header, type, body }: UnknownMessage): Uint8Array {
  if (type < UNKNOWN_TYPE_MIN) {
    throw new BusEncodeError('BUS_BAD_NUMBER', `type ${type} is known; it has a kind of its own`);
  }
  const { bytes } = begin(checkNumber(type, TYPE_MAX, 'type'), header, body.length);
  bytes.set(body, HEADER_BYTES);
  return bytes;
}

function checkCount(count: number, what: string): void {
  if (count > U16_MAX) {
    throw new BusEncodeError('BUS_TOO_LONG', `${count} ${what}; a message holds ${U16_MAX}`);
  }
}

function unknownKind(message: never): never {
  const { kind } = message as BusMessage;
  throw new BusEncodeError('BUS_BAD_MESSAGE', `no message is of kind ${JSON.stringify(kind)}`);
}
