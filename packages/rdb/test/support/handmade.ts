// Payloads in forms that servers before 7.0 wrote, made by hand after the descriptions of the formats. The real server
// is asked in real-server.test.ts whether it reads them as we do.

import { Crc64 } from '../../src/index.ts';
import { bytesOf, concat } from './bytes.ts';

/** Type and value with the end of a payload. */
export function payloadOf(body: Uint8Array, version = 9): Uint8Array {
  const payload = concat(body, [version, 0], new Uint8Array(8));
  const crc = new Crc64();
  crc.update(payload, 0, payload.length - 8);
  crc.writeTo(payload, payload.length - 8);
  return payload;
}

const uint32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);

/** A string in its plain form. */
export function plainString(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length < 0x40) return concat([length], bytes);
  return concat([0x80, ...uint32(length).reverse()], bytes);
}

/** A ziplist of elements that are encoded already. */
export function ziplist(elements: readonly (readonly number[])[]): Uint8Array {
  let body: Uint8Array = new Uint8Array(0);
  let last = 10;
  let previous = 0;
  for (const element of elements) {
    last = 10 + body.length;
    const head = previous < 254 ? [previous] : [254, ...uint32(previous)];
    body = concat(body, head, element);
    previous = head.length + element.length;
  }
  const total = 10 + body.length + 1;
  const count = [elements.length & 0xff, elements.length >> 8];
  return concat(uint32(total), uint32(last), count, body, [0xff]);
}

/** A string of a ziplist. */
export function ziplistString(text: string): number[] {
  const bytes = [...bytesOf(text)];
  const { length } = bytes;
  if (length < 0x40) return [length, ...bytes];
  if (length < 0x4000) return [0x40 | (length >> 8), length & 0xff, ...bytes];
  return [0x80, ...uint32(length).reverse(), ...bytes];
}

const INTEGERS: readonly number[][] = [
  [0xf1], // 0
  [0xfd], // 12
  [0xfe, 0x80], // -128
  [0xc0, 0x00, 0x80], // -32768
  [0xf0, 0xff, 0xff, 0x7f], // 8388607
  [0xf0, 0x00, 0x00, 0x80], // -8388608
  [0xd0, 0x00, 0x00, 0x00, 0x80], // -2147483648
  [0xe0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], // 9223372036854775807
  [0xe0, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00], // 4294967296
];

const STRINGS: readonly number[][] = [
  ziplistString(''),
  ziplistString('short'),
  ziplistString('m'.repeat(300)),
  ziplistString('after a long one'),
  ziplistString('n'.repeat(17_000)),
  ziplistString('the end'),
];

const typed = (type: number, ...parts: Uint8Array[]): Uint8Array =>
  payloadOf(concat([type], ...parts));

/** Zipmap of two fields, the first with two free bytes behind its value, and a field of 260 bytes. */
const ZIPMAP = concat(
  ...[[3], [3], bytesOf('foo'), [3, 2], bytesOf('bar'), [0, 0], [5], bytesOf('hello'), [5, 0]],
  ...[bytesOf('world'), [254, ...uint32(260)], bytesOf('k'.repeat(260)), [1, 0], bytesOf('v')],
  [0xff],
);

const scoreOf = (text: string): number[] => ziplistString(text);

export const HANDMADE: readonly { readonly name: string; readonly payload: Uint8Array }[] = [
  { name: 'list of strings', payload: typed(1, Uint8Array.of(2, 1, 0x61, 0xc0, 0xfe)) },
  {
    name: 'list as a ziplist',
    payload: typed(10, plainString(ziplist([...INTEGERS, ...STRINGS]))),
  },
  {
    name: 'quicklist of ziplists',
    payload: typed(
      14,
      Uint8Array.of(3),
      plainString(ziplist(INTEGERS)),
      plainString(ziplist([])),
      plainString(ziplist(STRINGS)),
    ),
  },
  { name: 'zipmap', payload: typed(9, plainString(ZIPMAP)) },
  {
    name: 'hash as a ziplist',
    payload: typed(
      13,
      plainString(ziplist([ziplistString('f'), [0xf8], [0xf9], ziplistString('value')])),
    ),
  },
  {
    name: 'sorted set as a ziplist',
    payload: typed(
      12,
      plainString(
        ziplist([
          ziplistString('a'),
          scoreOf('-1.5'),
          ziplistString('b'),
          [0xf3],
          [0xf2],
          scoreOf('inf'),
        ]),
      ),
    ),
  },
  {
    name: 'sorted set with scores as texts',
    payload: typed(
      3,
      concat(
        [4, 1, 0x61, 3],
        bytesOf('1.5'),
        [1, 0x62, 254, 1, 0x63, 255, 1, 0x64, 5],
        bytesOf('1e+20'),
      ),
    ),
  },
];
