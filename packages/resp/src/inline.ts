// Inline commands: a line that a person types into a terminal, split into arguments. The quoting rules are those of a
// Redis server and its redis.conf: "..." with \n \r \t \b \a \xHH and \ before any other byte, '...' with \' only, and
// after a closing quote white space or the end.

const SPACE = 0x20;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const BACKSLASH = 0x5c;
const SMALL_X = 0x78;

const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x6e, LF], // \n
  [0x72, CR], // \r
  [0x74, TAB], // \t
  [0x62, 0x08], // \b
  [0x61, 0x07], // \a
]);

/**
 * Splits a line in place: the arguments' bytes, freed of quotes, end up at the ranges returned, as start and end in
 * turn. Undefined if quotes do not match.
 */
export function splitInline(line: Uint8Array): number[] | undefined {
  const ranges: number[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isBlank(line[at])) at++;
    if (at === line.length) return ranges;
    // What is written never overtakes what is read: an escape is longer than what it stands for.
    let to = at;
    ranges.push(to);
    for (let open = true; open && at < line.length; ) {
      const byte = line[at];
      if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) {
        const close = byte === DOUBLE_QUOTE ? closeDouble(line, at + 1) : closeSingle(line, at + 1);
        if (close < 0 || (close + 1 < line.length && !isBlank(line[close + 1]))) return undefined;
        to =
          byte === DOUBLE_QUOTE
            ? unescapeDouble(line, at + 1, close, to)
            : unescapeSingle(line, at + 1, close, to);
        at = close + 1;
        open = false;
      } else if (byte === SPACE || byte === TAB || byte === LF || byte === CR) {
        open = false;
      } else {
        line[to++] = byte;
        at++;
      }
    }
    ranges.push(to);
  }
}

/** White space between arguments; within one, vertical tab and form feed are bytes like any other. */
function isBlank(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CR);
}

/** Where the quote that was opened before `at` is closed, or -1. */
function closeDouble(line: Uint8Array, at: number): number {
  while (at < line.length && line[at] !== DOUBLE_QUOTE) at += line[at] === BACKSLASH ? 2 : 1;
  return at < line.length ? at : -1;
}

function closeSingle(line: Uint8Array, at: number): number {
  while (at < line.length && line[at] !== SINGLE_QUOTE) {
    at += line[at] === BACKSLASH && line[at + 1] === SINGLE_QUOTE ? 2 : 1;
  }
  return at < line.length ? at : -1;
}

/** Writes what `line[at, end)` means between double quotes to `to` on, and returns where that ends. */
function unescapeDouble(line: Uint8Array, at: number, end: number, to: number): number {
  while (at < end) {
    const byte = line[at];
    if (byte !== BACKSLASH) {
      line[to++] = byte;
      at++;
      continue;
    }
    const high = at + 3 < end && line[at + 1] === SMALL_X ? hexDigit(line[at + 2]) : -1;
    const low = high < 0 ? -1 : hexDigit(line[at + 3]);
    if (low >= 0) {
      line[to++] = high * 16 + low;
      at += 4;
    } else {
      const escaped = line[at + 1];
      line[to++] = ESCAPES.get(escaped) ?? escaped;
      at += 2;
    }
  }
  return to;
}

/** The same between single quotes. */
function unescapeSingle(line: Uint8Array, at: number, end: number, to: number): number {
  while (at < end) {
    if (line[at] === BACKSLASH && line[at + 1] === SINGLE_QUOTE) at++;
    line[to++] = line[at++];
  }
  return to;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
