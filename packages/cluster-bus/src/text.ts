// What may stand in a text of the bus (hosts, names, zones), both ways. The servers take any byte
// but NUL. These texts end up in nodes.conf and in the lines of CLUSTER NODES, where a space or a
// line feed would forge fields and lines, so white space and control characters are refused here,
// at the edge; no server can be configured to send them.

import { BusDecodeError, BusEncodeError } from './errors.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8 = new TextEncoder();
const LONE_SURROGATE = /\p{Surrogate}/u;

function isForbidden(byte: number): boolean {
  return byte <= 0x20 || byte === 0x7f;
}

/**
 * The text in bytes[start, end), which must be valid UTF-8 without white space or control
 * characters.
 * @throws BusDecodeError `BUS_BAD_TEXT`
 */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (isForbidden(byte)) {
      throw new BusDecodeError('BUS_BAD_TEXT', `byte 0x${byte.toString(16)} in a host or name`);
    }
  }
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    throw new BusDecodeError('BUS_BAD_TEXT', 'a host or name that is not UTF-8');
  }
}

/**
 * The bytes of a text that {@link decodeText} reads back.
 * @throws BusEncodeError `BUS_BAD_TEXT`
 */
export function encodeText(text: string): Uint8Array {
  const bytes = utf8.encode(text);
  // A lone surrogate would silently become the replacement character.
  if (bytes.some(isForbidden) || LONE_SURROGATE.test(text)) {
    throw new BusEncodeError('BUS_BAD_TEXT', `${JSON.stringify(text)} cannot be a host or name`);
  }
  return bytes;
}
