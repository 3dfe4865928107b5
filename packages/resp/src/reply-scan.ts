// Hot path: per element of a reply. Elements that are the same bytes each time.

const CR = 0x0d;
const LF = 0x0a;
const HASH = 0x23;
const DOLLAR = 0x24;
const STAR = 0x2a;
const MINUS = 0x2d;
const ONE = 0x31;
const UNDERSCORE = 0x5f;
const SMALL_F = 0x66;
const SMALL_T = 0x74;

/** Where the `_`, `$-1`, `*-1`, `#t` or `#f` that begins at `at` ends with its CR LF; 0 if there is none of them. */
export function constantEnd(bytes: Uint8Array, at: number, end: number): number {
  const type = bytes[at];
  let cr = at + 1;
  if (type === HASH) {
    if (bytes[at + 1] !== SMALL_T && bytes[at + 1] !== SMALL_F) return 0;
    cr = at + 2;
  } else if (type === DOLLAR || type === STAR) {
    if (bytes[at + 1] !== MINUS || bytes[at + 2] !== ONE) return 0;
    cr = at + 3;
  } else if (type !== UNDERSCORE) {
    return 0;
  }
  return cr + 1 < end && bytes[cr] === CR && bytes[cr + 1] === LF ? cr + 2 : 0;
}

/** A byte for an error text. */
export function quote(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `byte ${byte}`;
}
