// Hot path: per packet. Judges a frame by its first 16 bytes: whether its length can be believed,
// is allowed, and fits its type. A frame that fails here is never kept, whatever length it
// announces.
//
// Source: the receive rules of the servers' clusterReadHandler (signature and minimum length, else
// the link is closed) and clusterIsValidPacket (version and length by type, else the packet is
// dropped).

import { BusDecodeError } from './errors.ts';
import {
  AUTH_NACK_BYTES,
  FAIL_BYTES,
  GOSSIP_BYTES,
  HEADER_BYTES,
  Header,
  LIGHT_BIT,
  LIGHT_HEADER_BYTES,
  MODULE_PREFIX_BYTES,
  PUBLISH_PREFIX_BYTES,
  SIGNATURE,
  Type,
  UPDATE_BYTES,
  VERSION,
} from './layout.ts';
import type { BusLimits } from './limits.ts';

/**
 * Reads the first 16 bytes of a frame, at `offset`, and gives the frame's length in bytes. Where
 * the error does not close the link, the length announced at {@link Header.length} tells what to
 * skip.
 * @throws BusDecodeError
 */
export function judgeFrame(view: DataView, offset: number, limits: BusLimits): number {
  if (view.getUint32(offset + Header.signature) !== SIGNATURE) {
    throw new BusDecodeError('BUS_BAD_SIGNATURE', 'the frame does not start with RCmb');
  }
  const length = view.getUint32(offset + Header.length);
  const typeField = view.getUint16(offset + Header.type);
  const light = typeField >= LIGHT_BIT;
  const type = typeField & ~LIGHT_BIT;
  const count = view.getUint16(offset + Header.count);
  const headerBytes = light ? LIGHT_HEADER_BYTES : HEADER_BYTES;
  if (length < headerBytes) {
    throw new BusDecodeError(
      'BUS_BAD_LENGTH',
      `a frame of ${length} bytes, less than its header's ${headerBytes}`,
    );
  }
  const max = frameBytesMax(type, headerBytes, count, limits);
  if (length > max) {
    throw new BusDecodeError(
      'BUS_TOO_LONG',
      `a frame of ${length} bytes, type ${type} may have ${max}`,
    );
  }
  const version = view.getUint16(offset + Header.version);
  if (version !== VERSION) {
    throw new BusDecodeError('BUS_BAD_VERSION', `bus protocol version ${version}, not ${VERSION}`);
  }
  if (light && !mayBeLight(type)) {
    throw new BusDecodeError(
      'BUS_LIGHT_NOT_ALLOWED',
      `a light header on a message of type ${type}`,
    );
  }
  checkBodyLength(type, length - headerBytes, count);
  return length;
}

/**
 * The maximum length of a frame of `type` with `headerBytes` of header, whose gossip count is
 * `count`.
 */
function frameBytesMax(
  type: number,
  headerBytes: number,
  count: number,
  limits: BusLimits,
): number {
  switch (type) {
    case Type.ping:
    case Type.pong:
    case Type.meet:
      return (
        headerBytes +
        GOSSIP_BYTES * Math.min(count, limits.gossipEntriesMax) +
        limits.extensionBytesMax
      );
    case Type.publish:
    case Type.publishShard:
      return headerBytes + PUBLISH_PREFIX_BYTES + limits.publishBytesMax;
    case Type.module:
      return headerBytes + MODULE_PREFIX_BYTES + limits.modulePayloadBytesMax;
    default:
      return limits.otherFrameBytesMax;
  }
}

function mayBeLight(type: number): boolean {
  return type === Type.publish || type === Type.publishShard || type === Type.module;
}

function checkBodyLength(type: number, bodyBytes: number, count: number): void {
  switch (type) {
    case Type.ping:
    case Type.pong:
    case Type.meet:
      if (bodyBytes < GOSSIP_BYTES * count) throw wrongLength(type, bodyBytes);
      return;
    case Type.publish:
    case Type.publishShard:
      if (bodyBytes < PUBLISH_PREFIX_BYTES) throw wrongLength(type, bodyBytes);
      return;
    case Type.module:
      if (bodyBytes < MODULE_PREFIX_BYTES) throw wrongLength(type, bodyBytes);
      return;
    case Type.failoverAuthRequest:
    case Type.failoverAuthAck:
    case Type.manualFailoverStart:
      if (bodyBytes !== 0) throw wrongLength(type, bodyBytes);
      return;
    case Type.fail:
      if (bodyBytes !== FAIL_BYTES) throw wrongLength(type, bodyBytes);
      return;
    case Type.update:
      if (bodyBytes !== UPDATE_BYTES) throw wrongLength(type, bodyBytes);
      return;
    case Type.failoverAuthNack:
      if (bodyBytes !== AUTH_NACK_BYTES) throw wrongLength(type, bodyBytes);
      return;
    default:
      // The length of a type that is not known cannot be wrong.
      return;
  }
}

/** The error of a body whose length does not fit its type or the lengths inside it. */
export function wrongLength(type: number, bodyBytes: number): BusDecodeError {
  return new BusDecodeError(
    'BUS_WRONG_LENGTH',
    `a body of ${bodyBytes} bytes does not fit a message of type ${type}`,
  );
}
