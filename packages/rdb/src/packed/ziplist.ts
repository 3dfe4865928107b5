// Ziplists, which servers before Redis 7.0 wrote: elements in one run of bytes, each preceded by the length of the one
// before it. (ziplist.c of the reference server.)
//
//   total bytes u32 | offset of the last element u32 | elements u16, 65535 = count them | element | ... | ff

import type { Cursor } from '../cursor.ts';
import { integerBytes } from '../integers.ts';
import { int64 } from './listpack.ts';

const HEADER_BYTES = 10;
const END = 0xff;
const LONG_PREVIOUS = 0xfe;
const UNKNOWN_COUNT = 0xffff;

/** The elements of the ziplist in the string that was read last. */
export function readZiplist(cursor: Cursor, elements: Uint8Array[]): void {
  const { string: bytes, stringStart, stringEnd, stringAt } = cursor;
  const fail = (what: string): never => cursor.fail('BAD_VALUE', `a ziplist ${what}`, stringAt);
  const stop = stringEnd - 1;
  if (stop - stringStart < HEADER_BYTES || bytes[stop] !== END) fail('has no end');
  if (little(bytes, stringStart, 4) >>> 0 !== stringEnd - stringStart) {
    fail('does not have the size that it says');
  }
  let at = stringStart + HEADER_BYTES;
  let last = at;
  let previous = 0;
  let count = 0;
  const need = (size: number): void => {
    if (size > stop - at) fail('has an element that is cut');
  };
  while (at < stop) {
    cursor.countElements(1);
    count++;
    last = at;
    need(2);
    let said = bytes[at++];
    if (said === LONG_PREVIOUS) {
      need(5);
      said = little(bytes, at, 4) >>> 0;
      at += 4;
    }
    if (said !== previous) fail('has an element after one of another length');
    const first = bytes[at++];
    if (first < 0xc0) {
      let length = first & 0x3f;
      if (first >= 0x80) {
        need(4);
        length = big(bytes, at);
        at += 4;
      } else if (first >= 0x40) {
        need(1);
        length = (length << 8) | bytes[at++];
      }
      need(length);
      elements.push(bytes.subarray(at, at + length));
      at += length;
    } else {
      const size = integerSize(first);
      if (size < 0) fail(`has an element that begins with 0x${first.toString(16)}`);
      need(size);
      elements.push(integerBytes(size === 0 ? (first & 0x0f) - 1 : signed(bytes, at, size)));
      at += size;
    }
    previous = at - last;
  }
  const declared = bytes[stringStart + 8] | (bytes[stringStart + 9] << 8);
  if (declared !== UNKNOWN_COUNT && declared !== count) {
    fail('does not have as many elements as it says');
  }
  // An empty one has its end for its last element.
  if (little(bytes, stringStart + 4, 4) >>> 0 !== last - stringStart)
    fail('has another last element');
}

/** Bytes of an integer by its first byte: none where the value is in it, -1 where there is no such form. */
function integerSize(first: number): number {
  switch (first) {
    case 0xc0:
      return 2;
    case 0xd0:
      return 4;
    case 0xe0:
      return 8;
    case 0xf0:
      return 3;
    case 0xfe:
      return 1;
    default:
      return first > 0xf0 && first < 0xfe ? 0 : -1;
  }
}

function signed(bytes: Uint8Array, at: number, size: number): number | bigint {
  if (size === 8) return int64(bytes, at);
  const unused = 32 - 8 * size;
  return (little(bytes, at, size) << unused) >> unused;
}

function little(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = (value << 8) | bytes[at + i];
  return value;
}

function big(bytes: Uint8Array, at: number): number {
  const high = (bytes[at] << 24) | (bytes[at + 1] << 16);
  return (high | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
