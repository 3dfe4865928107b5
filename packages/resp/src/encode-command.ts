// Hot path: per command sent. Commands as clients send them: an array of bulk strings.

import { countLength, textLength, writeBytes, writeCount, writeText } from './bytes.ts';

const CR = 0x0d;
const LF = 0x0a;
const DOLLAR = 0x24;
const STAR = 0x2a;

/** One argument of a command: bytes as they are, or text that is sent as UTF-8. */
export type CommandArgument = string | Uint8Array;

/**
 * One command as bytes.
 * @throws RangeError for a command without arguments: a server would not answer it
 */
export function encodeCommand(args: readonly CommandArgument[]): Uint8Array {
  return encodeCommands([args]);
}

/**
 * Several commands as one piece of memory, to be sent by one write.
 * @throws RangeError for a command without arguments: a server would not answer it
 */
export function encodeCommands(commands: readonly (readonly CommandArgument[])[]): Uint8Array {
  const lengths: number[] = [];
  let size = 0;
  for (const args of commands) {
    if (args.length === 0) throw new RangeError('a command has at least one argument, its name');
    size += 3 + countLength(args.length);
    for (const argument of args) {
      const length = typeof argument === 'string' ? textLength(argument) : argument.length;
      lengths.push(length);
      size += 5 + countLength(length) + length;
    }
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  let next = 0;
  for (const args of commands) {
    at = writeHeader(bytes, at, STAR, args.length);
    for (const argument of args) {
      const length = lengths[next++];
      at = writeHeader(bytes, at, DOLLAR, length);
      at =
        typeof argument === 'string'
          ? writeText(bytes, at, argument, length)
          : writeBytes(bytes, at, argument, 0, length);
      bytes[at++] = CR;
      bytes[at++] = LF;
    }
  }
  return bytes;
}

function writeHeader(bytes: Uint8Array, at: number, type: number, count: number): number {
  bytes[at] = type;
  const end = writeCount(bytes, at + 1, count);
  bytes[end] = CR;
  bytes[end + 1] = LF;
  return end + 2;
}
