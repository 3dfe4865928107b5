// Whether byte strings are distinct: a server that took a set with a member twice would count wrong for ever.

import { asciiText } from './integers.ts';

/** Above it a decoder is faster than a loop. */
const LOOPED_MAX = 48;

/** The place of the first one that was there before; -1 where all are distinct. */
export function findDuplicate(items: readonly Uint8Array[]): number {
  if (items.length < 2) return -1;
  const decoder = new TextDecoder('latin1');
  const seen = new Set<string>();
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    const { length } = item;
    // Both give each byte a character of its own, though not the same ones: the length tells which made the text.
    seen.add(length <= LOOPED_MAX ? asciiText(item, 0, length) : decoder.decode(item));
    if (seen.size === i) return i;
  }
  return -1;
}
