// Text of commands and replies: one character for each byte, because nothing promises that a peer sends UTF-8.

import type { Arguments } from '@slotmesh/resp';

/** The bytes of ASCII text. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** `bytes[start, end)` as Latin-1. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]);
  return text;
}

/** Argument `i` as text. */
export function argumentText(args: Arguments, i: number): string {
  return latin1(args.buffer, args.starts[i], args.ends[i]);
}

/** A whole number as the real server reads it: no blanks, no plus sign, no leading zeros. Undefined if it is none. */
export function parseInteger(text: string): number | undefined {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return undefined;
  const exact = BigInt(text);
  if (exact !== BigInt.asIntN(64, exact)) return undefined;
  return Number(exact);
}

/** An error reply. A text that begins with a dash brings its own code; a line break would end the reply early. */
export function errorReply(text: string): Uint8Array {
  const line = text.replace(/[\r\n]/g, ' ');
  return asciiBytes(line.startsWith('-') ? `${line}\r\n` : `-ERR ${line}\r\n`);
}
