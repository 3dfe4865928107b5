// Reads a file with our reader, in any pieces, into something that can be compared.

import { createHash } from 'node:crypto';
import { RdbError, type RdbEvent, RdbReader, type RdbReaderOptions } from '../../src/index.ts';
import { plain, textOf } from './bytes.ts';

export interface FileContent {
  readonly version: number;
  readonly aux: Map<string, string>;
  /** `database/key` to the value and its attributes. */
  readonly entries: Map<string, unknown>;
  readonly functions: readonly string[];
  readonly checksum: string;
  readonly consumedBytes: number;
}

/** Reads a whole file. @throws RdbError */
export function readFile(
  pieces: readonly Uint8Array[],
  options: RdbReaderOptions = {},
): FileContent {
  const reader = new RdbReader(options);
  const aux = new Map<string, string>();
  const entries = new Map<string, unknown>();
  const functions: string[] = [];
  let checksum = '';
  for (const piece of pieces) {
    reader.push(piece);
    for (let event = reader.next(); event !== null; event = reader.next()) {
      if (event.kind === 'aux') aux.set(textOf(event.name), textOf(event.value));
      else if (event.kind === 'functionLibrary') functions.push(textOf(event.code));
      else if (event.kind === 'end') checksum = event.checksum;
      else if (event.kind === 'entry') {
        const { database, keyBytes, keyStart, keyEnd } = event;
        entries.set(`${database}/${textOf(keyBytes, keyStart, keyEnd)}`, entryOf(event));
      }
    }
  }
  reader.end();
  const { version, consumedBytes } = reader;
  return { version, aux, entries, functions, checksum, consumedBytes };
}

function entryOf(event: RdbEvent & { kind: 'entry' }): unknown {
  const { value, expireAtMs, idleS, frequency } = event;
  return { value: plain(value), expireAtMs, idleS, frequency };
}

/** What becomes of an input: its content, or the code of the error; any other error is thrown on. */
export function outcome(
  pieces: readonly Uint8Array[],
  options: RdbReaderOptions = {},
): FileContent | string {
  try {
    return readFile(pieces, options);
  } catch (error) {
    if (error instanceof RdbError) return error.code;
    throw error;
  }
}

/** A text that is the same for the same content, and not for another. */
export function fingerprint(content: FileContent | string): string {
  if (typeof content === 'string') return content;
  const { aux, entries } = content;
  const text = JSON.stringify({ ...content, aux: [...aux], entries: [...entries] });
  return createHash('sha256').update(text).digest('hex');
}

/** One byte each. */
export function singly(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}
