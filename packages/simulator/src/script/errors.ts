/** What is wrong with a script, or with what it found; stable, for programs. */
export type ScriptErrorCode =
  /** A line that is no command, or a block that is put together wrongly. */
  | 'BAD_SYNTAX'
  | 'UNKNOWN_COMMAND'
  /** A word that the command does not take there. */
  | 'BAD_ARGUMENT'
  | 'NO_SUCH_NODE'
  /** What was asked for makes no sense at that moment: no connection, a node that is down. */
  | 'NOT_POSSIBLE'
  /** What the script says must be so is not so, or did not come about in time. */
  | 'NOT_SO'
  /** An invariant of the cluster was broken. */
  | 'INVARIANT';

/** A script that cannot be read, or a story that went another way. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
  readonly code: ScriptErrorCode;
  /** Line of the script, from 1; 0 = not known yet. */
  readonly line: number;

  constructor(code: ScriptErrorCode, message: string, line = 0, cause?: unknown) {
    super(line === 0 ? message : `line ${line}: ${message}`, { cause });
    this.code = code;
    this.line = line;
  }
}
