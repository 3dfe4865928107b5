/**
 * What one item of the input may cost. A checksum says that bytes are as they were written, not who wrote them: these
 * hold for payloads of clients as well as for files.
 */
export interface RdbLimits {
  /** Bytes of one string, also of what a compressed one says it unpacks to. */
  readonly stringBytesMax: number;
  /** Bytes of one value as it lies in the input, and of what its compressed parts unpack to together. */
  readonly valueBytesMax: number;
  /** Elements of one value: members, fields, entries of a stream with their fields, pending entries. */
  readonly elementsMax: number;
}

/** Strings as large as Redis allows them by default; collections as large as a JavaScript heap can hold. */
export const DEFAULT_RDB_LIMITS: RdbLimits = {
  stringBytesMax: 512 * 1024 * 1024,
  valueBytesMax: 2 ** 30,
  elementsMax: 2 ** 24,
};
