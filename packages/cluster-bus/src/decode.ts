// Hot path: per packet. One whole frame to a message.
//
// Bytes without a meaning are not looked at, as the servers do not either: reserved ones, what
// follows the NUL of a text, counts that do not count anything (gossip of a FAIL, extensions
// without the flag EXT_DATA). All others decide: either the message says what they say, or the
// frame is refused.

import { SlotSet } from '@slotmesh/crc16-slots';
import { BusDecodeError } from './errors.ts';
import { hostField, idField } from './fields.ts';
import { judgeFrame, wrongLength } from './frame.ts';
import {
  GOSSIP_BYTES,
  Gossip,
  HEADER_BYTES,
  Header,
  ID_BYTES,
  LIGHT_BIT,
  LIGHT_HEADER_BYTES,
  MODULE_ID_BYTES,
  MODULE_PREFIX_BYTES,
  PREFIX_BYTES,
  PUBLISH_PREFIX_BYTES,
  Type,
} from './layout.ts';
import { type BusLimits, DEFAULT_BUS_LIMITS } from './limits.ts';
import {
  type BareMessage,
  type BusHeader,
  type BusMessage,
  type GossipEntry,
  MessageFlag,
  type ModuleMessage,
  type PingExtension,
  type PingMessage,
  type PublishMessage,
} from './message.ts';
import { copyBytes, readU64 } from './numbers.ts';
import { readExtensions } from './ping-extensions.ts';
import type { SlotMemory } from './slot-memory.ts';

/** A complete frame that {@link judgeFrame} let pass. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** The same memory as `bytes`. */
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  /** The slots that earlier frames of the stream claimed; null where there is no stream. */
  readonly memory: SlotMemory | null;
  /**
   * Whether payloads may be views into `bytes`, which nobody else will write to; else they are
   * copied.
   */
  readonly owned: boolean;
}

/**
 * Decodes one message; `bytes` is all of it and nothing else. The message owns its memory: `bytes`
 * may be used again.
 * @throws BusDecodeError and nothing else, whatever the bytes
 */
export function decodeBusMessage(
  bytes: Uint8Array,
  limits: BusLimits = DEFAULT_BUS_LIMITS,
): BusMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < PREFIX_BYTES) {
    throw new BusDecodeError('BUS_BAD_LENGTH', `${bytes.length} bytes are less than any message`);
  }
  const length = judgeFrame(view, 0, limits);
  if (length !== bytes.length) {
    throw new BusDecodeError(
      'BUS_BAD_LENGTH',
      `a message of ${length} bytes, but ${bytes.length} were given`,
    );
  }
  return decodeFrame({ bytes, view, start: 0, end: length, memory: null, owned: false });
}

/** @throws BusDecodeError that drops the packet, or `BUS_OUT_OF_MEMORY` */
export function decodeFrame(frame: Frame): BusMessage {
  const { bytes, view, start } = frame;
  const typeField = view.getUint16(start + Header.type);
  const type = typeField & ~LIGHT_BIT;
  const header = typeField >= LIGHT_BIT ? null : readHeader(frame);
  if (type === Type.publish || type === Type.publishShard) return readPublish(frame, type, header);
  if (type === Type.module) return readModule(frame, header);
  // judgeFrame lets no other type have a light header.
  if (header === null) throw wrongLength(type, frame.end - start);
  const body = start + HEADER_BYTES;
  switch (type) {
    case Type.ping:
    case Type.pong:
    case Type.meet:
      return readPing(frame, type, header);
    case Type.fail:
      return { kind: 'fail', header, node: idField.read(view, bytes, body) };
    case Type.failoverAuthRequest:
    case Type.failoverAuthAck:
    case Type.manualFailoverStart:
      return { kind: BARE_KINDS[type], header };
    case Type.update:
      return {
        kind: 'update',
        header,
        configEpoch: readU64(view, body, 'the config epoch of an update'),
        node: idField.read(view, bytes, body + 8),
        slots: SlotSet.fromBitmap(bytes, body + 8 + ID_BYTES),
      };
    case Type.failoverAuthNack:
      return {
        kind: 'failoverAuthNack',
        header,
        epoch: readU64(view, body, 'the epoch of a refused request'),
        reason: bytes[body + 8],
      };
    default:
      return { kind: 'unknown', header, type, body: take(frame, body, frame.end) };
  }
}

const BARE_KINDS: { readonly [type: number]: BareMessage['kind'] } = {
  [Type.failoverAuthRequest]: 'failoverAuthRequest',
  [Type.failoverAuthAck]: 'failoverAuthAck',
  [Type.manualFailoverStart]: 'manualFailoverStart',
};

function readHeader({ bytes, view, start, memory }: Frame): BusHeader {
  const state = bytes[start + Header.state];
  if (state > 1) {
    throw new BusDecodeError('BUS_BAD_STATE', `cluster state ${state} is neither ok nor fail`);
  }
  return {
    sender: idField.read(view, bytes, start + Header.sender),
    currentEpoch: readU64(view, start + Header.currentEpoch, 'the current epoch'),
    configEpoch: readU64(view, start + Header.configEpoch, 'the config epoch'),
    offset: readU64(view, start + Header.offset, 'the replication offset'),
    slots:
      memory === null
        ? SlotSet.fromBitmap(bytes, start + Header.slots)
        : memory.read(view, bytes, start + Header.slots),
    replicaOf: isZero(view, start + Header.replicaOf)
      ? null
      : idField.read(view, bytes, start + Header.replicaOf),
    host: readHost(view, bytes, start + Header.host),
    port: view.getUint16(start + Header.port),
    altPort: view.getUint16(start + Header.altPort),
    busPort: view.getUint16(start + Header.busPort),
    flags: view.getUint16(start + Header.flags),
    clusterState: state === 0 ? 'ok' : 'fail',
    messageFlags:
      bytes[start + Header.messageFlags] | (bytes[start + Header.messageFlags + 1] << 8),
  };
}

/** Whether the 40 bytes of an id are all zero. */
function isZero(view: DataView, offset: number): boolean {
  for (let i = 0; i < ID_BYTES; i += 4) if (view.getInt32(offset + i) !== 0) return false;
  return true;
}

/** A host; most headers have none, and that needs no look into the memory. */
function readHost(view: DataView, bytes: Uint8Array, offset: number): string {
  return bytes[offset] === 0 ? '' : hostField.read(view, bytes, offset);
}

function readPing(frame: Frame, type: number, header: BusHeader): PingMessage {
  const { bytes, view, start, end } = frame;
  const count = view.getUint16(start + Header.count);
  // judgeFrame made sure that the entries fit.
  const gossipEnd = start + HEADER_BYTES + GOSSIP_BYTES * count;
  const gossip: GossipEntry[] = new Array(count);
  for (let i = 0; i < count; i++) {
    gossip[i] = readGossipEntry(view, bytes, start + HEADER_BYTES + GOSSIP_BYTES * i);
  }
  let extensions: readonly PingExtension[] = NO_EXTENSIONS;
  if ((header.messageFlags & MessageFlag.extensionData) !== 0) {
    const extensionCount = view.getUint16(start + Header.extensions);
    extensions = readExtensions(view, bytes, gossipEnd, end, extensionCount);
  } else if (gossipEnd !== end) {
    throw wrongLength(type, end - start - HEADER_BYTES);
  }
  const kind = type === Type.ping ? 'ping' : type === Type.pong ? 'pong' : 'meet';
  return { kind, header, gossip, extensions };
}

const NO_EXTENSIONS: readonly PingExtension[] = Object.freeze([]);

function readGossipEntry(view: DataView, bytes: Uint8Array, offset: number): GossipEntry {
  return {
    node: idField.read(view, bytes, offset + Gossip.node),
    flags: view.getUint16(offset + Gossip.flags),
    pingSentS: view.getUint32(offset + Gossip.pingSent),
    pongReceivedS: view.getUint32(offset + Gossip.pongReceived),
    host: readHost(view, bytes, offset + Gossip.host),
    port: view.getUint16(offset + Gossip.port),
    altPort: view.getUint16(offset + Gossip.altPort),
    busPort: view.getUint16(offset + Gossip.busPort),
  };
}

function readPublish(frame: Frame, type: number, header: BusHeader | null): PublishMessage {
  const { view, start, end } = frame;
  const body = start + (header === null ? LIGHT_HEADER_BYTES : HEADER_BYTES);
  const channelStart = body + PUBLISH_PREFIX_BYTES;
  // As plain numbers: two 32-bit lengths may add up to more than 32 bits.
  const channelEnd = channelStart + view.getUint32(body);
  if (channelEnd + view.getUint32(body + 4) !== end) throw wrongLength(type, end - body);
  return {
    kind: type === Type.publish ? 'publish' : 'publishShard',
    header,
    channel: take(frame, channelStart, channelEnd),
    message: take(frame, channelEnd, end),
  };
}

function readModule(frame: Frame, header: BusHeader | null): ModuleMessage {
  const { bytes, view, start, end } = frame;
  const body = start + (header === null ? LIGHT_HEADER_BYTES : HEADER_BYTES);
  const payload = body + MODULE_PREFIX_BYTES;
  if (payload + view.getUint32(body + MODULE_ID_BYTES) !== end) {
    throw wrongLength(Type.module, end - body);
  }
  return {
    kind: 'module',
    header,
    moduleId: take(frame, body, body + MODULE_ID_BYTES),
    type: bytes[payload - 1],
    payload: take(frame, payload, end),
  };
}

function take({ bytes, owned }: Frame, start: number, end: number): Uint8Array {
  return owned ? bytes.subarray(start, end) : copyBytes(bytes, start, end);
}
