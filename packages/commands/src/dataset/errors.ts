/** Why a data set cannot be written or loaded; stable, for programs. */
export type DatasetErrorCode =
  /** A value of a type that is not written or loaded yet. */
  | 'UNSUPPORTED_VALUE'
  /** A library of functions, or what a module keeps beside its keys. */
  | 'UNSUPPORTED_PART'
  /** A database that this server does not have. */
  | 'NO_SUCH_DATABASE'
  /** A key that stands in the file twice. */
  | 'DUPLICATE_KEY'
  /** The databases to load into hold something already. */
  | 'NOT_EMPTY';

/** A data set that is well-formed and that this server cannot take, or hand out. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  readonly code: DatasetErrorCode;
  /** The key that is in the way; null where there is none. */
  readonly key: Uint8Array | null;
  /** The type of its value, as TYPE prints it; null where there is none. */
  readonly type: string | null;

  constructor(
    code: DatasetErrorCode,
    message: string,
    key: Uint8Array | null = null,
    type: string | null = null,
  ) {
    super(message);
    this.code = code;
    this.key = key;
    this.type = type;
  }
}

const KEY_BYTES_SHOWN_MAX = 64;

/** A key for a message: printable ASCII as it is, other bytes as `\xNN`, and not too much of it. */
export function shownKey(bytes: Uint8Array): string {
  let shown = '';
  for (const byte of bytes.subarray(0, KEY_BYTES_SHOWN_MAX)) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    shown += isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `"${shown}"${bytes.length > KEY_BYTES_SHOWN_MAX ? '...' : ''}`;
}
