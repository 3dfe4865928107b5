// Intsets: sets of integers, sorted, all of one width. (intset.c of the reference server.)

import type { Cursor } from '../cursor.ts';
import { integerBytes } from '../integers.ts';
import { int64 } from './listpack.ts';

const HEADER_BYTES = 8;

/** The members of the intset in the string that was read last. */
export function readIntset(cursor: Cursor, members: Uint8Array[]): void {
  const { string: bytes, stringStart, stringEnd, stringAt } = cursor;
  const fail = (what: string): never => cursor.fail('BAD_VALUE', `an intset ${what}`, stringAt);
  if (stringEnd - stringStart < HEADER_BYTES) fail('has no header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = view.getUint32(stringStart, true);
  const count = view.getUint32(stringStart + 4, true);
  if (width !== 2 && width !== 4 && width !== 8) fail(`of ${width} bytes a member`);
  if (HEADER_BYTES + count * width !== stringEnd - stringStart) {
    fail('does not have the size that it says');
  }
  cursor.countElements(count);
  let previous: number | bigint = Number.NEGATIVE_INFINITY;
  for (let at = stringStart + HEADER_BYTES; at < stringEnd; at += width) {
    const value: number | bigint =
      width === 2
        ? view.getInt16(at, true)
        : width === 4
          ? view.getInt32(at, true)
          : int64(bytes, at);
    if (value <= previous) fail('is not sorted');
    members.push(integerBytes(value));
    previous = value;
  }
}
