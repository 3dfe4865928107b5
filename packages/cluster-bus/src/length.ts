// Hot path: per packet, where traffic is measured and nothing is encoded. How long the frame of a
// message is, by its parts alone.

import {
  AUTH_NACK_BYTES,
  EXTENSION_HEADER_BYTES,
  FAIL_BYTES,
  FORGOTTEN_NODE_BYTES,
  GOSSIP_BYTES,
  HEADER_BYTES,
  LIGHT_HEADER_BYTES,
  MODULE_PREFIX_BYTES,
  PORT_EXTENSION_BYTES,
  PUBLISH_PREFIX_BYTES,
  SECRET_DATA_BYTES,
  SHARD_ID_BYTES,
  textExtensionBytes,
  UPDATE_BYTES,
} from './layout.ts';
import type { BusHeader, BusMessage, PingExtension } from './message.ts';
import { encodeText } from './text.ts';

/**
 * The bytes that a message takes on the wire: as many as `encodeBusMessage` gives, for a message that
 * it encodes; others are not told apart.
 */
export function busMessageBytes(message: BusMessage): number {
  return headerBytes(message.header) + bodyBytes(message);
}

function headerBytes(header: BusHeader | null): number {
  return header === null ? LIGHT_HEADER_BYTES : HEADER_BYTES;
}

function bodyBytes(message: BusMessage): number {
  switch (message.kind) {
    case 'ping':
    case 'pong':
    case 'meet': {
      let bytes = GOSSIP_BYTES * message.gossip.length;
      for (const extension of message.extensions) bytes += extensionBytes(extension);
      return bytes;
    }
    case 'fail':
      return FAIL_BYTES;
    case 'publish':
    case 'publishShard':
      return PUBLISH_PREFIX_BYTES + message.channel.length + message.message.length;
    case 'update':
      return UPDATE_BYTES;
    case 'module':
      return MODULE_PREFIX_BYTES + message.payload.length;
    case 'failoverAuthNack':
      return AUTH_NACK_BYTES;
    case 'unknown':
      return message.body.length;
    case 'failoverAuthRequest':
    case 'failoverAuthAck':
    case 'manualFailoverStart':
      return 0;
  }
}

function extensionBytes(extension: PingExtension): number {
  switch (extension.kind) {
    case 'hostname':
      return textBytes(extension.hostname);
    case 'nodename':
      return textBytes(extension.nodename);
    case 'clientIpv4':
    case 'clientIpv6':
      return textBytes(extension.address);
    case 'availabilityZone':
      return textBytes(extension.zone);
    case 'forgottenNode':
      return FORGOTTEN_NODE_BYTES;
    case 'shardId':
      return SHARD_ID_BYTES;
    case 'clientPort':
    case 'clientTlsPort':
      return PORT_EXTENSION_BYTES;
    case 'internalSecret':
      return EXTENSION_HEADER_BYTES + SECRET_DATA_BYTES;
    case 'unknown':
      return EXTENSION_HEADER_BYTES + extension.data.length;
  }
}

function textBytes(text: string): number {
  return textExtensionBytes(encodeText(text).length);
}
