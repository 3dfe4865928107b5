// Two kinds of error, never mixed: the peer's bytes are no message (BusDecodeError), or the
// caller's message cannot be put on the wire (BusEncodeError). Whether a bad frame costs the link
// follows the receive rules of Redis and Valkey: the link is closed where the framing itself cannot
// be trusted, else the packet is dropped and the link goes on.

/** What was wrong with the bytes; stable, for programs. */
export type BusDecodeErrorCode =
  /** The frame does not start with `RCmb`. Closes the link. */
  | 'BUS_BAD_SIGNATURE'
  /**
   * The length announced is shorter than the header, or is not that of the bytes given. Closes the
   * link.
   */
  | 'BUS_BAD_LENGTH'
  /** The length announced is above the maximum of its type. Closes the link. */
  | 'BUS_TOO_LONG'
  /** No memory could be had for the part of the frame that arrived. Closes the link. */
  | 'BUS_OUT_OF_MEMORY'
  /** A protocol version other than 1. */
  | 'BUS_BAD_VERSION'
  /** The length does not fit the type, or the lengths inside do not add up to it. */
  | 'BUS_WRONG_LENGTH'
  /** A light header on a type that must not have it. */
  | 'BUS_LIGHT_NOT_ALLOWED'
  /** A node or shard id is not 40 characters of a-z and 0-9. */
  | 'BUS_BAD_ID'
  /** A text without NUL, or with bytes that no address or name has. */
  | 'BUS_BAD_TEXT'
  /** An extension's length is below 8, not a multiple of 8, past the end, or wrong for its type. */
  | 'BUS_BAD_EXTENSION'
  /** The cluster's state is neither ok nor fail. */
  | 'BUS_BAD_STATE'
  /** A 64-bit integer above 2^53 - 1. */
  | 'BUS_NUMBER_TOO_LARGE';

const CLOSING: ReadonlySet<BusDecodeErrorCode> = new Set<BusDecodeErrorCode>([
  'BUS_BAD_SIGNATURE',
  'BUS_BAD_LENGTH',
  'BUS_TOO_LONG',
  'BUS_OUT_OF_MEMORY',
]);

/** A peer's bytes that are no message. */
export class BusDecodeError extends Error {
  override readonly name = 'BusDecodeError';
  readonly code: BusDecodeErrorCode;
  /**
   * True: where the next frame starts is unknown, close the link. False: drop this packet, the link
   * goes on.
   */
  readonly closesLink: boolean;

  constructor(code: BusDecodeErrorCode, message: string) {
    super(message);
    this.code = code;
    this.closesLink = CLOSING.has(code);
  }
}

/** What was wrong with a message that was to be encoded; stable, for programs. */
export type BusEncodeErrorCode =
  /** A node or shard id is not 40 characters of a-z and 0-9. */
  | 'BUS_BAD_ID'
  /** A number is negative, fractional or too large for its field. */
  | 'BUS_BAD_NUMBER'
  /** A host or name has characters that it must not have, or does not fit its field. */
  | 'BUS_BAD_TEXT'
  /**
   * An extension that would read as another one, or extensions without the flag that announces
   * them.
   */
  | 'BUS_BAD_EXTENSION'
  /** A count or length does not fit its field. */
  | 'BUS_TOO_LONG'
  /** The message or extension is of a kind that does not exist. */
  | 'BUS_BAD_MESSAGE';

/** A message that the wire has no form for: the caller's mistake. */
export class BusEncodeError extends Error {
  override readonly name = 'BusEncodeError';
  readonly code: BusEncodeErrorCode;

  constructor(code: BusEncodeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
