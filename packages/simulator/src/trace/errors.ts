/** Why a trace cannot be read; stable, for programs. */
export type TraceErrorCode =
  /** Something else than a trace. */
  | 'NOT_A_TRACE'
  /** A trace, in a format that this version does not know. */
  | 'VERSION'
  /** It ends before its end: the run that wrote it was cut off, or the file was. */
  | 'TRUNCATED'
  /** It holds what no writer wrote. */
  | 'CORRUPT';

/** A trace that cannot be read, or not to its end. What came before in it has been given. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
  readonly code: TraceErrorCode;

  constructor(code: TraceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
