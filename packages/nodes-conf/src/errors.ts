/** Why a file, its JSON form, or something that was to be written is refused; stable, for programs. */
export type NodesConfErrorCode =
  /** Nothing but blank lines: a file that was made and never written. */
  | 'EMPTY'
  /** More bytes than any cluster needs. */
  | 'TOO_LARGE'
  /** What is not UTF-8, or control characters. */
  | 'NOT_TEXT'
  /** The last line has no line feed: the file ends too early. */
  | 'CUT_LINE'
  /** No `vars` line: the file ends too early, and epochs and votes are lost. */
  | 'NO_VARS'
  /** Something stands after the `vars` line, or there are two. */
  | 'VARS_NOT_LAST'
  /** The `vars` line is not a list of names with values, or a value is bad. */
  | 'BAD_VARS'
  /** The file says that it has a checksum and has none, or it is not 16 hexadecimal digits. */
  | 'BAD_CHECKSUM'
  /** The content is not what the checksum was made of. */
  | 'CHECKSUM_MISMATCH'
  /** A node's line has fewer than eight fields. */
  | 'TOO_FEW_FIELDS'
  /** Not 40 characters of a-z and 0-9. */
  | 'BAD_ID'
  /** Not `host:port[@busport]`. */
  | 'BAD_ADDRESS'
  /** What follows the address is not `,hostname` and `,name=value` with known names. */
  | 'BAD_LABEL'
  /** Flags that are unknown, repeated, or exclude each other. */
  | 'BAD_FLAGS'
  /** A primary that follows another node, or a node that follows itself. */
  | 'BAD_PRIMARY'
  /** A time or an epoch that is no whole number, or is above 2^53 - 1. */
  | 'BAD_NUMBER'
  /** Neither `connected` nor `disconnected`. */
  | 'BAD_LINK_STATE'
  /** Not a slot, a range of slots or an open slot. */
  | 'BAD_SLOT'
  /** A slot that has two owners, or is named twice. */
  | 'SLOT_TWICE'
  /** A replica with slots of its own. */
  | 'REPLICA_WITH_SLOTS'
  /** Open slots on another line than this node's own, or one slot open twice. */
  | 'BAD_OPEN_SLOT'
  /** Two lines for one id. */
  | 'DUPLICATE_NODE'
  /** An id that is referred to and has no line. */
  | 'UNKNOWN_NODE'
  /** Following the primaries leads in a circle. */
  | 'REPLICATION_CYCLE'
  /** No line is `myself`: the file does not say whose it is. */
  | 'NO_MYSELF'
  /** Two lines are `myself`. */
  | 'TWO_MYSELF'
  /** A value of the JSON form that is missing or of another type. */
  | 'BAD_JSON';

/** A nodes.conf file that cannot be trusted, or a configuration that no file could hold. */
export class NodesConfError extends Error {
  override readonly name = 'NodesConfError';
  readonly code: NodesConfErrorCode;
  /** Line of the file, from 1; 0 where the reason is not in one line. */
  readonly line: number;
  /** What is wrong, without the line. */
  readonly reason: string;

  constructor(code: NodesConfErrorCode, line: number, reason: string) {
    super(line === 0 ? reason : `line ${line}: ${reason}`);
    this.code = code;
    this.line = line;
    this.reason = reason;
  }
}
