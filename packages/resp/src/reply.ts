// What a server answers, as JavaScript values. RESP2 and RESP3 replies have one shape each, so that code that asks for
// a value need not ask for the protocol's version, but where RESP3 says more: null instead of two kinds of nothing,
// maps and sets instead of arrays.

/**
 * A reply or an element of one:
 *
 * | on the wire | here |
 * |---|---|
 * | status `+` | string |
 * | error `-`, `!` | {@link ReplyError} |
 * | integer `:` | number, or bigint beyond 2^53 - 1 |
 * | bulk string `$` | Uint8Array, or string with the decoder's option `strings` |
 * | nothing `$-1`, `*-1`, `_` | null |
 * | array `*` | array |
 * | map `%` | Map; in the order of the wire, a later value of one key in place of an earlier |
 * | set `~` | Set |
 * | push `>` | {@link Push} |
 * | double `,`, boolean `#`, big number `(` | number, boolean, bigint |
 * | verbatim text `=` | {@link VerbatimText} |
 */
export type Reply =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | ReplyError
  | VerbatimText
  | Push
  | Reply[]
  | Map<Reply, Reply>
  | Set<Reply>;

/**
 * An error that the server answered. A value like any other reply, not an exception: it may stand in the middle of an
 * array, it is nobody's failure yet, and without a stack trace it is far cheaper.
 */
export class ReplyError {
  /** All of it, such as `WRONGTYPE Operation against a key holding the wrong kind of value`. */
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }

  /** Its first word, such as `WRONGTYPE`, `MOVED` or `ERR`. */
  get code(): string {
    const space = this.message.indexOf(' ');
    return space < 0 ? this.message : this.message.slice(0, space);
  }
}

/** A text for people, with the format that it is in: `txt`, or `mkd` for Markdown. */
export class VerbatimText {
  readonly format: string;
  readonly text: string;

  constructor(format: string, text: string) {
    this.format = format;
    this.text = text;
  }
}

/** What a server sent of its own accord: a message, an invalidation. It answers no command. */
export class Push {
  /** All elements, the kind first. */
  readonly items: readonly Reply[];

  constructor(items: readonly Reply[]) {
    this.items = items;
  }

  /** What it is, such as `message`, `invalidate` or `pubsub`; empty if the first element is no text. */
  get kind(): string {
    const first = this.items[0];
    if (first instanceof Uint8Array) return new TextDecoder().decode(first);
    return typeof first === 'string' ? first : '';
  }
}
