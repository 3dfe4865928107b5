// The words in which the table describes what a command takes: the argument descriptions of COMMAND DOCS.

/** Further facts of an argument; `flags` holds words of `optional`, `multiple`, `multiple_token`. */
export interface ArgumentOptions {
  readonly token?: string;
  readonly since?: string;
  readonly deprecatedSince?: string;
  readonly flags?: string;
  /** Of a key: which of the command's key specifications it belongs to; 0 unless told otherwise. */
  readonly keySpec?: number;
}

export interface ArgumentSpec extends ArgumentOptions {
  readonly name: string;
  readonly type:
    | 'key'
    | 'string'
    | 'integer'
    | 'double'
    | 'pattern'
    | 'unix-time'
    | 'pure-token'
    | 'oneof'
    | 'block';
  readonly arguments?: readonly ArgumentSpec[];
}

/** A value that the caller chooses. */
export function arg(
  name: string,
  type: ArgumentSpec['type'] = 'string',
  options: ArgumentOptions = {},
): ArgumentSpec {
  return { name, type, ...options };
}

export function key(name: string, options: ArgumentOptions = {}): ArgumentSpec {
  return { name, type: 'key', ...options };
}

/** A word that stands for itself. */
export function token(name: string, word: string, options: ArgumentOptions = {}): ArgumentSpec {
  return { name, type: 'pure-token', token: word, ...options };
}

/** One of several. */
export function oneOf(
  name: string,
  choices: readonly ArgumentSpec[],
  options: ArgumentOptions = {},
): ArgumentSpec {
  return { name, type: 'oneof', arguments: choices, ...options };
}

/** Several in a row. */
export function block(
  name: string,
  parts: readonly ArgumentSpec[],
  options: ArgumentOptions = {},
): ArgumentSpec {
  return { name, type: 'block', arguments: parts, ...options };
}
