// Hot path: per value. From the form in which a server packed a value to what it is.
//
// Everything is checked on the way: a checksum proves that nobody altered the bytes by accident, not that whoever wrote
// them meant well. Where Redis refuses a value only with `sanitize-dump-payload`, it is refused here always.

import type { Cursor } from './cursor.ts';
import { decodeModule } from './decode-module.ts';
import { decodeStream } from './decode-stream.ts';
import { findDuplicate } from './distinct.ts';
import { NO_EXPIRY, QuicklistNode, Type } from './format.ts';
import { REFUSED } from './grammar.ts';
import { parseScore } from './integers.ts';
import { readIntset } from './packed/intset.ts';
import { readListpack } from './packed/listpack.ts';
import { readZiplist } from './packed/ziplist.ts';
import { readZipmap } from './packed/zipmap.ts';
import type { RdbValue } from './value.ts';

type ReadPacked = (cursor: Cursor, elements: Uint8Array[]) => void;

/** Reads the value of a type at the cursor; null for a collection without elements. Bytes are views of the input. */
export function decodeValue(cursor: Cursor, type: number): RdbValue | null {
  switch (type) {
    case Type.string:
      cursor.readString();
      return {
        type: 'string',
        bytes: cursor.string,
        start: cursor.stringStart,
        end: cursor.stringEnd,
      };
    case Type.list:
      return list(strings(cursor, 1));
    case Type.listZiplist:
      return list(packed(cursor, readZiplist));
    case Type.listQuicklist:
      return list(quicklist(cursor));
    case Type.listQuicklist2:
      return list(quicklist2(cursor));
    case Type.set:
      return set(cursor, strings(cursor, 1));
    case Type.setIntset:
      return set(cursor, packed(cursor, readIntset));
    case Type.setListpack:
      return set(cursor, packed(cursor, readListpack));
    case Type.zset:
    case Type.zset2:
      return scored(cursor, type === Type.zset2);
    case Type.zsetZiplist:
      return packedSortedSet(cursor, packed(cursor, readZiplist));
    case Type.zsetListpack:
      return packedSortedSet(cursor, packed(cursor, readListpack));
    case Type.hash:
      return hash(cursor, strings(cursor, 2), 2);
    case Type.hashZipmap:
      return hash(cursor, packed(cursor, readZipmap), 2);
    case Type.hashZiplist:
      return hash(cursor, packed(cursor, readZiplist), 2);
    case Type.hashListpack:
      return hash(cursor, packed(cursor, readListpack), 2);
    case Type.hashListpackEx:
      cursor.readInt64(); // the soonest expiry, which the fields tell as well
      return hash(cursor, packed(cursor, readListpack), 3);
    case Type.hashMetadata:
      return expiringHash(cursor);
    case Type.streamListpacks:
      return decodeStream(cursor, 1);
    case Type.streamListpacks2:
      return decodeStream(cursor, 2);
    case Type.streamListpacks3:
      return decodeStream(cursor, 3);
    case Type.module2:
      return decodeModule(cursor);
    default: {
      const reason = REFUSED.get(type);
      if (reason !== undefined) return cursor.fail('UNSUPPORTED_TYPE', reason, cursor.at - 1);
      return cursor.fail('UNKNOWN_OPCODE', `no type is ${type}`, cursor.at - 1);
    }
  }
}

/** A count, and so many times `each` strings. */
function strings(cursor: Cursor, each: number): Uint8Array[] {
  const elements: Uint8Array[] = [];
  for (let left = cursor.readCount() * each; left > 0; left--) elements.push(cursor.readBytes());
  return elements;
}

function packed(cursor: Cursor, read: ReadPacked): Uint8Array[] {
  const elements: Uint8Array[] = [];
  cursor.readString();
  read(cursor, elements);
  return elements;
}

function quicklist(cursor: Cursor): Uint8Array[] {
  const elements: Uint8Array[] = [];
  for (let left = cursor.readCount(); left > 0; left--) {
    cursor.readString();
    readZiplist(cursor, elements);
  }
  return elements;
}

function quicklist2(cursor: Cursor): Uint8Array[] {
  const elements: Uint8Array[] = [];
  for (let left = cursor.readCount(); left > 0; left--) {
    const { at } = cursor;
    const node = cursor.readLength();
    cursor.readString();
    if (node === QuicklistNode.plain) {
      elements.push(cursor.string.subarray(cursor.stringStart, cursor.stringEnd));
    } else if (node === QuicklistNode.packed) readListpack(cursor, elements);
    else cursor.fail('BAD_VALUE', `no node of a quicklist is of kind ${node}`, at);
  }
  return elements;
}

function list(elements: Uint8Array[]): RdbValue | null {
  return elements.length === 0 ? null : { type: 'list', elements };
}

function set(cursor: Cursor, members: Uint8Array[]): RdbValue | null {
  if (members.length === 0) return null;
  distinct(cursor, members, 'member');
  return { type: 'set', members };
}

/** A count, and pairs of a member and a score. */
function scored(cursor: Cursor, isBinary: boolean): RdbValue | null {
  const members: Uint8Array[] = [];
  const scores: number[] = [];
  for (let left = cursor.readCount(); left > 0; left--) {
    members.push(cursor.readBytes());
    const { at } = cursor;
    const score = isBinary ? cursor.readDouble() : cursor.readTextDouble();
    if (Number.isNaN(score)) cursor.fail('BAD_VALUE', 'a score that is no number', at);
    scores.push(score);
  }
  return sortedSet(cursor, members, scores);
}

function packedSortedSet(cursor: Cursor, elements: Uint8Array[]): RdbValue | null {
  if (elements.length % 2 !== 0) bad(cursor, 'a member without a score');
  const members: Uint8Array[] = [];
  const scores: number[] = [];
  for (let i = 0; i < elements.length; i += 2) {
    const text = elements[i + 1];
    const score = parseScore(text, 0, text.length);
    if (Number.isNaN(score)) bad(cursor, 'a score that is no number');
    members.push(elements[i]);
    scores.push(score);
  }
  return sortedSet(cursor, members, scores);
}

function sortedSet(cursor: Cursor, members: Uint8Array[], scores: number[]): RdbValue | null {
  if (members.length === 0) return null;
  distinct(cursor, members, 'member');
  return { type: 'zset', members, scores };
}

/** Elements in turns of `each`: field, value, and where there are three, when the field expires, 0 = never. */
function hash(cursor: Cursor, elements: Uint8Array[], each: number): RdbValue | null {
  if (elements.length % each !== 0) bad(cursor, 'a field without a value');
  const fields: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  const expiresAtMs: number[] | null = each === 3 ? [] : null;
  for (let i = 0; i < elements.length; i += each) {
    fields.push(elements[i]);
    values.push(elements[i + 1]);
    if (expiresAtMs === null) continue;
    const text = elements[i + 2];
    const timeMs = parseScore(text, 0, text.length);
    if (!Number.isSafeInteger(timeMs) || timeMs < 0) bad(cursor, 'an expiry that is no time');
    expiresAtMs.push(timeMs === 0 ? NO_EXPIRY : timeMs);
  }
  return fieldsOf(cursor, fields, values, expiresAtMs);
}

/** The soonest expiry, a count, and for each field its expiry less the soonest plus one (0 = never), field and value. */
function expiringHash(cursor: Cursor): RdbValue | null {
  const soonestMs = cursor.readInt64();
  const fields: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  const expiresAtMs: number[] = [];
  for (let left = cursor.readCount(); left > 0; left--) {
    const { at } = cursor;
    const later = cursor.readLength();
    const timeMs = later === 0 ? NO_EXPIRY : soonestMs + later - 1;
    if (!Number.isSafeInteger(timeMs) || timeMs < NO_EXPIRY) {
      cursor.fail('BAD_VALUE', 'an expiry that is no time', at);
    }
    expiresAtMs.push(timeMs);
    fields.push(cursor.readBytes());
    values.push(cursor.readBytes());
  }
  return fieldsOf(cursor, fields, values, expiresAtMs);
}

function fieldsOf(
  cursor: Cursor,
  fields: Uint8Array[],
  values: Uint8Array[],
  expiresAtMs: number[] | null,
): RdbValue | null {
  if (fields.length === 0) return null;
  distinct(cursor, fields, 'field');
  return { type: 'hash', fields, values, expiresAtMs };
}

function distinct(cursor: Cursor, items: Uint8Array[], what: string): void {
  if (findDuplicate(items) >= 0) cursor.fail('DUPLICATE', `a ${what} stands there twice`);
}

function bad(cursor: Cursor, what: string): never {
  return cursor.fail('BAD_VALUE', what, cursor.stringAt);
}
