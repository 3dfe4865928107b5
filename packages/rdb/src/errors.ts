/** Why bytes are refused; stable, for programs. */
export type RdbErrorCode =
  /** The file does not begin with `REDIS` and four digits. */
  | 'BAD_MAGIC'
  /** Written by a version whose format is not known here. */
  | 'UNSUPPORTED_VERSION'
  /** A byte that is neither an opcode nor a type. What follows cannot be read, for its length is not known. */
  | 'UNKNOWN_OPCODE'
  /** A type or opcode that only release candidates wrote, or whose end cannot be told: modules of version 1. */
  | 'UNSUPPORTED_TYPE'
  /** A length that is not one of the encodings, or that has no meaning in its place. */
  | 'BAD_LENGTH'
  /** A compressed string that does not unpack to what it says. */
  | 'BAD_STRING'
  /** The inner structure of a value is damaged. */
  | 'BAD_VALUE'
  /** A member, field or id stands in a value twice. */
  | 'DUPLICATE'
  /** A collection without elements. Files may have them (the reader skips those), payloads may not. */
  | 'EMPTY_VALUE'
  /** More bytes or elements than the limits allow. */
  | 'TOO_LARGE'
  /** The content is not what the checksum was made of. */
  | 'CHECKSUM_MISMATCH'
  /** The input ends before its end. */
  | 'TRUNCATED'
  /** Too short to be a payload. */
  | 'NO_PAYLOAD'
  /** A payload goes on after its value. */
  | 'TRAILING_BYTES';

/** Bytes that are no RDB file and no DUMP payload, or none that can be trusted. */
export class RdbError extends Error {
  override readonly name = 'RdbError';
  readonly code: RdbErrorCode;
  /** Where in the input, in bytes from its begin. Of what lies in a compressed string: where that begins. */
  readonly offset: number;
  /** The key whose value is damaged; null where it is not known. */
  readonly key: Uint8Array | null;
  /** What is wrong, without the place. */
  readonly reason: string;

  constructor(code: RdbErrorCode, offset: number, reason: string, key: Uint8Array | null = null) {
    super(`${reason} (at byte ${offset}${key === null ? '' : `, key ${quote(key)}`})`);
    this.code = code;
    this.offset = offset;
    this.reason = reason;
    this.key = key;
  }
}

/** What a program asked for and the format cannot express; stable, for programs. */
export type RdbUsageErrorCode =
  /** There is no such version, or not for writing. */
  | 'UNSUPPORTED_VERSION'
  /** The chosen version has no form for it. */
  | 'NEEDS_NEWER_VERSION'
  /** A collection without elements is no value. */
  | 'EMPTY_VALUE'
  /** A value that contradicts itself: lists of different lengths, a consumer that is not there. */
  | 'INCONSISTENT_VALUE'
  /** After the end nothing can be written. */
  | 'FINISHED';

/** A call of the writer that cannot be carried out. Nothing has been written by it. */
export class RdbUsageError extends Error {
  override readonly name = 'RdbUsageError';
  readonly code: RdbUsageErrorCode;

  constructor(code: RdbUsageErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const KEY_BYTES_QUOTED_MAX = 64;

/** Keys in messages: short, and without bytes that a terminal or a log would act upon. */
function quote(key: Uint8Array): string {
  let text = '';
  for (const byte of key.subarray(0, KEY_BYTES_QUOTED_MAX)) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    text += isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `"${text}"${key.length > KEY_BYTES_QUOTED_MAX ? '...' : ''}`;
}
