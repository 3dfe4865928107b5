// The payloads of DUMP, RESTORE and MIGRATE: a type, a value, the version in two bytes and a checksum of all of it.

import { Crc64 } from './crc64.ts';
import { Cursor } from './cursor.ts';
import { decodeValue } from './decode-value.ts';
import { encodeValue, typeOfValue } from './encode-value.ts';
import { Encoder } from './encoder.ts';
import { RdbError } from './errors.ts';
import { DEFAULT_VERSION, VERSION_MAX } from './format.ts';
import { DEFAULT_RDB_LIMITS, type RdbLimits } from './limits.ts';
import type { RdbValue } from './value.ts';
import { checkWrittenVersion } from './writer.ts';

const VERSION_BYTES = 2;
const CHECKSUM_BYTES = 8;
const FIRST_BYTES = 128;
const FOOTER_BYTES = VERSION_BYTES + CHECKSUM_BYTES;

export interface DumpOptions {
  /** 9 to 12; 10, which Redis 7.0 writes, unless told otherwise. */
  readonly version?: number;
  /** As of {@link RdbWriter}; true unless told otherwise. */
  readonly compression?: boolean;
}

/** The payload of a value. @throws RdbUsageError if the value cannot be written in the version */
export function dumpPayload(value: RdbValue, options: DumpOptions = {}): Uint8Array {
  const { version = DEFAULT_VERSION, compression = true } = options;
  checkWrittenVersion(version);
  const type = typeOfValue(value, version);
  const encoder = new Encoder(compression, FIRST_BYTES);
  encoder.byte(type);
  encodeValue(encoder, value, type);
  encoder.byte(version);
  encoder.byte(version >> 8);
  const { at } = encoder;
  encoder.reserve(CHECKSUM_BYTES);
  const crc = new Crc64();
  crc.update(encoder.bytes, 0, at);
  crc.writeTo(encoder.bytes, at);
  return encoder.bytes.slice(0, at + CHECKSUM_BYTES);
}

export interface ParseDumpOptions {
  /** The newest version that is taken; 12 unless told otherwise. */
  readonly versionMax?: number;
  /** What differs from {@link DEFAULT_RDB_LIMITS}. */
  readonly limits?: Partial<RdbLimits>;
}

/** A payload that was read. Bytes in the value are views of the payload. */
export interface DumpedValue {
  readonly version: number;
  readonly value: RdbValue;
}

/**
 * Reads the payload in `bytes[start, end)`.
 * @throws RdbError; with code NO_PAYLOAD, UNSUPPORTED_VERSION or CHECKSUM_MISMATCH if it is none that can be read, with
 *   any other if its value is damaged
 */
export function parseDumpPayload(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  options: ParseDumpOptions = {},
): DumpedValue {
  const footer = end - FOOTER_BYTES;
  if (footer < start) throw new RdbError('NO_PAYLOAD', end - start, 'shorter than its own end');
  const version = bytes[footer] | (bytes[footer + 1] << 8);
  const versionMax = Math.min(options.versionMax ?? VERSION_MAX, VERSION_MAX);
  if (version > versionMax) {
    const reason = `version ${version}; ${versionMax} is the last one taken`;
    throw new RdbError('UNSUPPORTED_VERSION', footer - start, reason);
  }
  const crc = new Crc64();
  crc.update(bytes, start, end - CHECKSUM_BYTES);
  if (!crc.equals(bytes, end - CHECKSUM_BYTES)) {
    const reason = 'the content is not what the checksum was made of';
    throw new RdbError('CHECKSUM_MISMATCH', end - CHECKSUM_BYTES - start, reason);
  }
  const cursor = new Cursor({ ...DEFAULT_RDB_LIMITS, ...options.limits });
  cursor.open(bytes, start, footer, -start);
  const value = decodeValue(cursor, cursor.byte());
  if (value === null) return cursor.fail('EMPTY_VALUE', 'a collection without elements');
  if (cursor.at !== footer) cursor.fail('TRAILING_BYTES', 'the payload goes on after its value');
  return { version, value };
}
