/**
 * What one command may cost before it is refused. The sizes are checked as announced, before any memory is spent on
 * them; memory grows with the bytes that have arrived.
 */
export interface CommandLimits {
  /** The longest argument, in bytes (`proto-max-bulk-len`). */
  readonly bulkBytesMax: number;
  /** The most arguments, the command's name among them. */
  readonly argumentsMax: number;
  /** The longest inline command, and the longest line with a count or a length, in bytes. */
  readonly inlineBytesMax: number;
  /** The longest command as a whole, in bytes (`client-query-buffer-limit`); 1 GiB if not given, and at most 2 GiB - 1. */
  readonly commandBytesMax?: number;
  /** Whether arguments over these limits are refused for want of authentication, which is another error text. */
  readonly unauthenticated?: boolean;
}

/** The limits of a Redis 7.0 server with its default configuration. */
export const DEFAULT_COMMAND_LIMITS: CommandLimits = {
  bulkBytesMax: 512 * 1024 * 1024,
  argumentsMax: 2 ** 31 - 1,
  inlineBytesMax: 64 * 1024,
  commandBytesMax: 1024 * 1024 * 1024,
};

/** The limits for a client that has a password still to give, enough for AUTH and HELLO. */
export const UNAUTHENTICATED_COMMAND_LIMITS: CommandLimits = {
  ...DEFAULT_COMMAND_LIMITS,
  bulkBytesMax: 16 * 1024,
  argumentsMax: 10,
  unauthenticated: true,
};

/** What one reply may cost before it is refused. */
export interface ReplyLimits {
  /** The longest string, in bytes; of a streamed string all its parts together. */
  readonly bulkBytesMax: number;
  /** The longest line: a status, an error, a number. */
  readonly lineBytesMax: number;
  /** The most elements of one aggregate; a map's keys and values count one each. */
  readonly elementsMax: number;
  /** How many aggregates may be open at once. */
  readonly depthMax: number;
}

/** Strings as long as a server takes, arrays as long as JavaScript has them, and more nesting than any reply has. */
export const DEFAULT_REPLY_LIMITS: ReplyLimits = {
  bulkBytesMax: 512 * 1024 * 1024,
  lineBytesMax: 1024 * 1024,
  elementsMax: 2 ** 32 - 1,
  depthMax: 128,
};
