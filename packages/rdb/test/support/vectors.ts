// Reads the vectors: hexadecimal digits, for a payload after its key.

import { readFileSync } from 'node:fs';

const read = (name: string): string =>
  readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8');

const unhex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));

/** What SAVE wrote. */
export const RDB_FILE: Uint8Array = unhex(read('redis-7.0.15.rdb.hex'));

/** What DUMP answered, by key. */
export const PAYLOADS: ReadonlyMap<string, Uint8Array> = new Map(
  read('redis-7.0.15.dumps.hex')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [key, hex] = line.split(' ');
      return [key, unhex(hex)];
    }),
);
