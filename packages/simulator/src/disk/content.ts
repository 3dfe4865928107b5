// Contents of files. Most are never looked at, so they stay what they were written as, and become bytes only where a
// crash tears them, a short write splits them, or somebody reads them.

import type { FileContent } from './disk.ts';

const NO_BYTES = new Uint8Array(0);

export const EMPTY_CONTENT: FileContent = { bytes: () => NO_BYTES };

/** The array is taken over: it must not change any more. */
export function contentOf(bytes: Uint8Array): FileContent {
  return { bytes: () => bytes };
}

/** A copy with another length: cut, or filled with zeros. */
export function resized(bytes: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  result.set(bytes.length > length ? bytes.subarray(0, length) : bytes);
  return result;
}
