// Hot path: per packet. The extensions behind the gossip entries of PING, PONG and MEET (Redis 7.0
// and later), both ways.
//
// A chain of records, each of them length (32 bits, header included, a multiple of 8), type, 16
// reserved bits, data. The servers have read past such chains more than once (CVE-2026-21863 and
// its kin), so every length is checked before anything behind it is read, and every step goes at
// least 8 bytes forward.

import { BusDecodeError, BusEncodeError } from './errors.ts';
import { idField } from './fields.ts';
import {
  EXTENSION_HEADER_BYTES,
  Extension,
  FORGOTTEN_NODE_BYTES,
  ID_BYTES,
  PORT_EXTENSION_BYTES,
  SECRET_DATA_BYTES,
  SHARD_ID_BYTES,
  textExtensionBytes,
  UNKNOWN_EXTENSION_MIN,
} from './layout.ts';
import type { PingExtension } from './message.ts';
import { checkNumber, copyBytes, readU64, U16_MAX, writeU16, writeU64 } from './numbers.ts';
import { decodeText, encodeText } from './text.ts';

/**
 * Reads `count` extensions from `start` on, which must end at `end`. The data of unknown ones are
 * copies.
 * @throws BusDecodeError
 */
export function readExtensions(
  view: DataView,
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
): PingExtension[] {
  const extensions: PingExtension[] = [];
  let offset = start;
  for (let i = 0; i < count; i++) {
    const left = end - offset;
    const length = left < EXTENSION_HEADER_BYTES ? 0 : view.getUint32(offset);
    if (length < EXTENSION_HEADER_BYTES || length % 8 !== 0 || length > left) {
      throw new BusDecodeError(
        'BUS_BAD_EXTENSION',
        `extension ${i + 1} of ${count} has length ${length}, ${left} bytes are left`,
      );
    }
    extensions.push(readExtension(view, bytes, offset, length));
    offset += length;
  }
  if (offset !== end) {
    throw new BusDecodeError('BUS_WRONG_LENGTH', `${end - offset} bytes behind the last extension`);
  }
  return extensions;
}

function readExtension(
  view: DataView,
  bytes: Uint8Array,
  offset: number,
  length: number,
): PingExtension {
  const type = view.getUint16(offset + 4);
  const data = offset + EXTENSION_HEADER_BYTES;
  switch (type) {
    case Extension.hostname:
      return { kind: 'hostname', hostname: readText(bytes, offset, length, type) };
    case Extension.nodename:
      return { kind: 'nodename', nodename: readText(bytes, offset, length, type) };
    case Extension.forgottenNode:
      requireLength(type, length, FORGOTTEN_NODE_BYTES);
      return {
        kind: 'forgottenNode',
        node: idField.read(view, bytes, data),
        ttlS: readU64(view, data + ID_BYTES, 'the time to live of a forgotten node'),
      };
    case Extension.shardId:
      requireLength(type, length, SHARD_ID_BYTES);
      return { kind: 'shardId', shardId: idField.read(view, bytes, data) };
    case Extension.clientIpv4:
      if (isSecret(bytes, data, length - EXTENSION_HEADER_BYTES)) {
        return { kind: 'internalSecret', secret: copyBytes(bytes, data, data + SECRET_DATA_BYTES) };
      }
      return { kind: 'clientIpv4', address: readText(bytes, offset, length, type) };
    case Extension.clientIpv6:
      return { kind: 'clientIpv6', address: readText(bytes, offset, length, type) };
    case Extension.clientPort:
      requireLength(type, length, PORT_EXTENSION_BYTES);
      return { kind: 'clientPort', port: view.getUint16(data) };
    case Extension.clientTlsPort:
      requireLength(type, length, PORT_EXTENSION_BYTES);
      return { kind: 'clientTlsPort', port: view.getUint16(data) };
    case Extension.availabilityZone:
      return { kind: 'availabilityZone', zone: readText(bytes, offset, length, type) };
    default:
      return readUnknown(view, bytes, offset, length, type);
  }
}

function readUnknown(
  view: DataView,
  bytes: Uint8Array,
  offset: number,
  length: number,
  type: number,
): PingExtension {
  const reserved = view.getUint16(offset + 6);
  const data = copyBytes(bytes, offset + EXTENSION_HEADER_BYTES, offset + length);
  return reserved === 0
    ? { kind: 'unknown', type, data }
    : { kind: 'unknown', type, reserved, data };
}

function requireLength(type: number, length: number, expected: number): void {
  if (length !== expected) {
    throw new BusDecodeError(
      'BUS_BAD_EXTENSION',
      `an extension of type ${type} has length ${length}, not ${expected}`,
    );
  }
}

/**
 * The text of an extension: it must end with a NUL, and the extension be no longer than its text
 * needs.
 */
function readText(bytes: Uint8Array, offset: number, length: number, type: number): string {
  const start = offset + EXTENSION_HEADER_BYTES;
  const end = findNul(bytes, start, offset + length);
  requireLength(type, length, textExtensionBytes(end - start));
  return decodeText(bytes, start, end);
}

/** Where the first NUL in bytes[start, end) is; `end` if there is none. */
function findNul(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== 0) at++;
  return at;
}

/**
 * Whether the data of an extension of type 4 are Redis 8's secret, 40 raw bytes, and not Valkey's
 * address, a text with NULs up to the next multiple of 8. Only a text of 32 to 39 bytes would have
 * the same length; an IPv4 address has 15 at most. So 40 bytes are a secret unless they read
 * exactly like such a text.
 */
function isSecret(bytes: Uint8Array, start: number, length: number): boolean {
  if (length !== SECRET_DATA_BYTES) return false;
  const end = start + length;
  const nul = findNul(bytes, start, end);
  if (textExtensionBytes(nul - start) !== EXTENSION_HEADER_BYTES + length) return true;
  for (let i = start; i < nul; i++) if (bytes[i] <= 0x20 || bytes[i] >= 0x7f) return true;
  for (let i = nul; i < end; i++) if (bytes[i] !== 0) return true;
  return false;
}

/**
 * An extension made ready to be written: its length is known, and of a text its bytes. `data` is
 * what follows the header, or null where {@link writeExtension} takes it from the extension itself.
 */
export interface PreparedExtension {
  readonly extension: PingExtension;
  readonly length: number;
  readonly data: Uint8Array | null;
}

/** Checks an extension and measures it. @throws BusEncodeError */
export function prepareExtension(extension: PingExtension): PreparedExtension {
  switch (extension.kind) {
    case 'hostname':
      return prepareText(extension, extension.hostname);
    case 'nodename':
      return prepareText(extension, extension.nodename);
    case 'clientIpv4':
    case 'clientIpv6':
      return prepareText(extension, extension.address);
    case 'availabilityZone':
      return prepareText(extension, extension.zone);
    case 'forgottenNode':
      return { extension, length: FORGOTTEN_NODE_BYTES, data: null };
    case 'shardId':
      return { extension, length: SHARD_ID_BYTES, data: null };
    case 'clientPort':
    case 'clientTlsPort':
      return { extension, length: PORT_EXTENSION_BYTES, data: null };
    case 'internalSecret':
      return prepareSecret(extension, extension.secret);
    case 'unknown':
      return prepareUnknown(extension);
    default:
      return unknownKind(extension);
  }
}

function prepareText(extension: PingExtension, text: string): PreparedExtension {
  const data = encodeText(text);
  const length = textExtensionBytes(data.length);
  if (
    extension.kind === 'clientIpv4' &&
    length === EXTENSION_HEADER_BYTES + SECRET_DATA_BYTES &&
    data.some((byte) => byte >= 0x7f)
  ) {
    throw new BusEncodeError('BUS_BAD_EXTENSION', `${JSON.stringify(text)} would read as a secret`);
  }
  return { extension, length, data };
}

function prepareSecret(extension: PingExtension, secret: Uint8Array): PreparedExtension {
  if (!isSecret(secret, 0, secret.length)) {
    throw new BusEncodeError(
      'BUS_BAD_EXTENSION',
      `a secret of ${secret.length} bytes that would not read as one`,
    );
  }
  return { extension, length: EXTENSION_HEADER_BYTES + SECRET_DATA_BYTES, data: secret };
}

function prepareUnknown(extension: PingExtension & { kind: 'unknown' }): PreparedExtension {
  const { type, reserved = 0, data } = extension;
  checkNumber(type, U16_MAX, 'extension type');
  checkNumber(reserved, U16_MAX, 'extension reserved');
  if (type < UNKNOWN_EXTENSION_MIN || data.length % 8 !== 0) {
    throw new BusEncodeError(
      'BUS_BAD_EXTENSION',
      `an unknown extension of type ${type} with ${data.length} bytes: the type must be` +
        ` ${UNKNOWN_EXTENSION_MIN} or more, the bytes a multiple of 8`,
    );
  }
  return { extension, length: EXTENSION_HEADER_BYTES + data.length, data };
}

/** Writes an extension at `offset` of zeroed memory. @throws BusEncodeError */
export function writeExtension(
  view: DataView,
  bytes: Uint8Array,
  offset: number,
  prepared: PreparedExtension,
): void {
  const { extension } = prepared;
  const data = offset + EXTENSION_HEADER_BYTES;
  view.setUint32(offset, prepared.length);
  view.setUint16(
    offset + 4,
    extension.kind === 'unknown' ? extension.type : Extension[extension.kind],
  );
  if (prepared.data !== null) bytes.set(prepared.data, data);
  switch (extension.kind) {
    case 'forgottenNode':
      idField.write(view, data, extension.node);
      writeU64(view, data + ID_BYTES, extension.ttlS, 'ttlS');
      return;
    case 'shardId':
      idField.write(view, data, extension.shardId);
      return;
    case 'clientPort':
    case 'clientTlsPort':
      writeU16(view, data, extension.port, 'port');
      return;
    case 'unknown':
      view.setUint16(offset + 6, extension.reserved ?? 0);
      return;
    default:
      return;
  }
}

function unknownKind(extension: never): never {
  throw new BusEncodeError(
    'BUS_BAD_MESSAGE',
    `no extension is of kind ${JSON.stringify((extension as PingExtension).kind)}`,
  );
}
