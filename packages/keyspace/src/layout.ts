// Hot path: how an entry lies in its block, in words of 32 bits. Constants only.
//
//   0         slot (14 bits), kind (4), flags (3), key length (11)
//   1         value length (8), access data (24)
//   WIDE      value length, where it needs more than 8 bits
//   TIMED     expiry as a double (2 words), place in the expiry heap or -1 (1 word)
//   LARGE     number of what lies outside of the block: the value, and the key where it is longer than 2047 bytes
//   then      key bytes, value bytes, one behind the other; what lies outside is missing
//
// The first word of a free block is 0 and that of an index page has a kind of its own, so the blocks of a segment can be
// told from each other.

export const SLOT_MASK = 0x3fff;
export const KIND_SHIFT = 14;
export const KIND_MASK: number = 0xf << KIND_SHIFT;
export const WIDE: number = 1 << 18;
export const TIMED: number = 1 << 19;
export const LARGE: number = 1 << 20;
export const SHAPE_MASK: number = WIDE | TIMED | LARGE;
export const KEY_LENGTH_SHIFT = 21;
/** Longer keys make an entry LARGE, and count as empty here. */
export const KEY_LENGTH_MAX = 2047;
export const VALUE_LENGTH_MASK = 0xff;
export const ACCESS_SHIFT = 8;
export const ACCESS_MASK = 0xffffff;

/** Kinds of blocks. Kinds of values (value-kind.ts) come behind the index page. */
export const KIND_PAGE = 1;

/** Words before the key, by the three flags shifted down by {@link SHAPE_SHIFT}. */
export const SHAPE_SHIFT = 18;
export const HEADER_WORDS: Uint8Array = Uint8Array.from({ length: 8 }, (_, shape) => {
  const wide = shape & 1 ? 1 : 0;
  const timed = shape & 2 ? 3 : 0;
  const large = shape & 4 ? 1 : 0;
  return 2 + wide + timed + large;
});
