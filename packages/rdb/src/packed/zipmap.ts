// Zipmaps, small hashes of servers before Redis 2.6. (zipmap.c of the reference server.)
//
//   count u8, 254 = count them | length, field, length, free bytes u8, value, free bytes | ... | ff

import type { Cursor } from '../cursor.ts';

const END = 0xff;
const LONG_LENGTH = 0xfe;
const UNKNOWN_COUNT = 0xfe;

/** Fields and values of the zipmap in the string that was read last, in turns. */
export function readZipmap(cursor: Cursor, elements: Uint8Array[]): void {
  const { string: bytes, stringStart, stringEnd, stringAt } = cursor;
  const fail = (what: string): never => cursor.fail('BAD_VALUE', `a zipmap ${what}`, stringAt);
  const stop = stringEnd - 1;
  if (stop <= stringStart || bytes[stop] !== END) fail('has no end');
  let at = stringStart + 1;
  let count = 0;
  const need = (size: number): void => {
    if (size > stop - at) fail('has an element that is cut');
  };
  const length = (): number => {
    need(1);
    const first = bytes[at++];
    if (first < LONG_LENGTH) return first;
    if (first === END) fail('ends too early');
    need(4);
    const high = (bytes[at + 3] << 24) | (bytes[at + 2] << 16);
    const value = (high | (bytes[at + 1] << 8) | bytes[at]) >>> 0;
    at += 4;
    return value;
  };
  const take = (size: number, free: number): void => {
    need(size + free);
    elements.push(bytes.subarray(at, at + size));
    at += size + free;
  };
  while (at < stop) {
    cursor.countElements(2);
    count++;
    take(length(), 0);
    const size = length();
    need(1);
    const free = bytes[at++];
    take(size, free);
  }
  const declared = bytes[stringStart];
  if (declared < UNKNOWN_COUNT && declared !== count) {
    fail('does not have as many elements as it says');
  }
}
