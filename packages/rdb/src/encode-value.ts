// Values into the plainest form of their type, which every server reads and packs anew as it likes; streams have only one.

import { encodeStream } from './encode-stream.ts';
import { checkConsistent, type Encoder } from './encoder.ts';
import { RdbUsageError } from './errors.ts';
import { NO_EXPIRY, Type } from './format.ts';
import type { RdbHash, RdbValue } from './value.ts';

/** The versions since which there are streams that remember more, and fields that expire. */
const STREAM_2_SINCE = 10;
const STREAM_3_SINCE = 11;
const EXPIRING_FIELDS_SINCE = 12;

/** The type in which a version has a value. @throws RdbUsageError if it has none, or the value has no elements */
export function typeOfValue(value: RdbValue, version: number): number {
  switch (value.type) {
    case 'string':
      return Type.string;
    case 'list':
      return notEmpty(value.elements, Type.list);
    case 'set':
      return notEmpty(value.members, Type.set);
    case 'zset':
      checkConsistent(value.scores.length === value.members.length, 'a score for each member');
      return notEmpty(value.members, Type.zset2);
    case 'hash':
      return hashType(value, version);
    case 'stream':
      if (version < STREAM_2_SINCE) return Type.streamListpacks;
      return version < STREAM_3_SINCE ? Type.streamListpacks2 : Type.streamListpacks3;
    case 'module':
      return Type.module2;
    default:
      return value satisfies never;
  }
}

function notEmpty(items: readonly Uint8Array[], type: number): number {
  if (items.length === 0) throw new RdbUsageError('EMPTY_VALUE', 'a collection without elements');
  return type;
}

function hashType({ fields, values, expiresAtMs }: RdbHash, version: number): number {
  checkConsistent(values.length === fields.length, 'a value for each field');
  if (expiresAtMs === null) return notEmpty(fields, Type.hash);
  checkConsistent(expiresAtMs.length === fields.length, 'an expiry for each field');
  if (expiresAtMs.every((timeMs) => timeMs === NO_EXPIRY)) return notEmpty(fields, Type.hash);
  if (version >= EXPIRING_FIELDS_SINCE) return Type.hashMetadata;
  throw new RdbUsageError(
    'NEEDS_NEWER_VERSION',
    `fields that expire need version ${EXPIRING_FIELDS_SINCE}, not ${version}`,
  );
}

/** Writes a value in the form of `type`. */
export function encodeValue(encoder: Encoder, value: RdbValue, type: number): void {
  switch (value.type) {
    case 'string':
      encoder.string(value.bytes, value.start, value.end);
      return;
    case 'list':
      strings(encoder, value.elements);
      return;
    case 'set':
      strings(encoder, value.members);
      return;
    case 'zset':
      encoder.length(value.members.length);
      for (let i = 0; i < value.members.length; i++) {
        encoder.string(value.members[i]);
        encoder.double(value.scores[i]);
      }
      return;
    case 'hash':
      hash(encoder, value, type === Type.hashMetadata);
      return;
    case 'stream':
      encodeStream(
        encoder,
        value,
        type === Type.streamListpacks ? 1 : type === Type.streamListpacks2 ? 2 : 3,
      );
      return;
    case 'module':
      encoder.uint64(value.id);
      encoder.raw(value.bytes, value.start, value.end);
      return;
    default:
      value satisfies never;
  }
}

function strings(encoder: Encoder, items: readonly Uint8Array[]): void {
  encoder.length(items.length);
  for (const item of items) encoder.string(item);
}

function hash(encoder: Encoder, value: RdbHash, expires: boolean): void {
  const { fields, values } = value;
  const expiresAtMs = expires ? (value.expiresAtMs ?? []) : [];
  let soonestMs = Number.POSITIVE_INFINITY;
  for (const timeMs of expiresAtMs) {
    if (timeMs !== NO_EXPIRY) soonestMs = Math.min(soonestMs, timeMs);
  }
  if (expires) encoder.int64(soonestMs);
  encoder.length(fields.length);
  for (let i = 0; i < fields.length; i++) {
    if (expires) {
      const timeMs = expiresAtMs[i];
      encoder.length(timeMs === NO_EXPIRY ? 0 : timeMs - soonestMs + 1);
    }
    encoder.string(fields[i]);
    encoder.string(values[i]);
  }
}
