/** What broke the protocol; stable, for programs. */
export type ProtocolErrorCode =
  /** A command's first line holds no valid number of arguments, or more than the limits allow. */
  | 'INVALID_MULTIBULK_LENGTH'
  /** More arguments than a client may send before it has authenticated. */
  | 'UNAUTHENTICATED_MULTIBULK_LENGTH'
  /** A command's first line does not end. */
  | 'MULTIBULK_COUNT_TOO_LONG'
  /** A string's length is no valid number, or more than the limits allow. */
  | 'INVALID_BULK_LENGTH'
  /** A longer string than a client may send before it has authenticated. */
  | 'UNAUTHENTICATED_BULK_LENGTH'
  /** The line with a string's length does not end. */
  | 'BULK_COUNT_TOO_LONG'
  /** Something else where an argument must begin. */
  | 'EXPECTED_BULK'
  /** An inline command does not end. */
  | 'INLINE_TOO_LONG'
  /** An inline command's quotes do not match. */
  | 'UNBALANCED_QUOTES'
  /** A command's arguments are together longer than the limits allow. */
  | 'COMMAND_TOO_LONG'
  /** A reply begins with a byte that names no type. */
  | 'UNKNOWN_TYPE'
  /** A reply's value does not have the form that its type asks for. */
  | 'INVALID_VALUE'
  /** A reply's line does not end. */
  | 'LINE_TOO_LONG'
  /** A reply's elements are nested deeper than the limits allow. */
  | 'NESTED_TOO_DEEP'
  /** A well-formed element where the protocol has no place for it. */
  | 'MISPLACED';

/**
 * The peer's bytes are no RESP. Nothing after them can be read; the connection has to be closed. Each character of the
 * message stands for one byte (Latin-1), because it may quote what the peer sent; `ReplyWriter.protocolError` answers it.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
