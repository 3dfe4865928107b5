// Changes to the bytes of a message.

import { bad, parseNumber } from './words.ts';

export type Patch = (bytes: Uint8Array) => Uint8Array;

/** How a patch is written, and what it does. */
export const PATCHES: readonly (readonly [usage: string, meaning: string])[] = [
  ['u8@N=V, u16@N=V, u32@N=V, u64@N=V', 'an integer from byte N on'],
  ['text@N=T', 'these characters from byte N on'],
  ['bit@N', 'bit N turns over, the lowest of each byte first'],
  ['cut@N', 'the first N bytes are all there is'],
];

const INTEGER_BYTES: ReadonlyMap<string, number> = new Map([
  ['u8', 1],
  ['u16', 2],
  ['u32', 4],
  ['u64', 8],
]);

export function parsePatch(word: string): Patch {
  const match = /^([a-z]+\d*)@(\d+)(?:=(.+))?$/.exec(word);
  if (match === null) throw bad(`'${word}' is no patch`);
  const [, what, at, value] = match;
  const offset = Number(at);
  if (what === 'bit' && value === undefined) return (bytes) => flipped(bytes, offset);
  if (what === 'cut' && value === undefined) return (bytes) => bytes.slice(0, offset);
  if (value === undefined) throw bad(`'${word}' has no value`);
  if (what === 'text') return written(offset, [...new TextEncoder().encode(value)]);
  const size = INTEGER_BYTES.get(what);
  if (size === undefined) throw bad(`'${what}' is no patch`);
  const number = parseNumber(value, what);
  const digits = Array.from({ length: size }, (_, i) => {
    return Math.floor(number / 256 ** (size - 1 - i)) % 256;
  });
  return written(offset, digits);
}

export function changed(bytes: Uint8Array, patches: readonly Patch[]): Uint8Array {
  return patches.reduce((former, patch) => patch(former), bytes);
}

export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  if (bit >= bytes.length * 8) throw bad(`there is no bit ${bit} in ${bytes.length} bytes`);
  const result = bytes.slice();
  result[bit >> 3] ^= 1 << (bit & 7);
  return result;
}

function written(offset: number, digits: readonly number[]): Patch {
  return (bytes) => {
    const result = bytes.slice();
    if (offset + digits.length > bytes.length) throw bad(`byte ${offset} is behind the end`);
    result.set(digits, offset);
    return result;
  };
}
