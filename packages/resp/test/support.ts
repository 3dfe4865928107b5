// What the tests of this package share.

import {
  CommandDecoder,
  type CommandLimits,
  ProtocolError,
  type Reply,
  ReplyDecoder,
  type ReplyDecoderOptions,
} from '../src/index.ts';

export const latin1 = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

export const fromLatin1 = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

/** Cuts bytes into pieces whose sizes are taken from a list that is gone through again and again. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length]);
    pieces.push(bytes.slice(at, at + size));
    at += size;
  }
  return pieces;
}

/** What a decoder made of a stream: commands as latin1 text, and the error that ended it. */
export interface Commands {
  readonly commands: string[][];
  readonly error: string;
  readonly failure?: ProtocolError;
}

/** Feeds pieces, and spoils each one when it has been read, as a socket that reuses its buffer would. */
export function decodeCommands(pieces: readonly Uint8Array[], limits?: CommandLimits): Commands {
  const decoder = new CommandDecoder(limits);
  const commands: string[][] = [];
  try {
    for (const piece of pieces) {
      decoder.push(piece);
      while (decoder.next()) {
        const args: string[] = [];
        for (let i = 0; i < decoder.count; i++) {
          args.push(fromLatin1(decoder.buffer.subarray(decoder.starts[i], decoder.ends[i])));
        }
        commands.push(args);
      }
      piece.fill(0x21);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { commands, error: error.message, failure: error };
  }
  return { commands, error: '' };
}

export interface Replies {
  readonly replies: Reply[];
  readonly attributes: unknown[];
  readonly error: string;
}

export function decodeReplies(
  pieces: readonly Uint8Array[],
  options?: ReplyDecoderOptions,
): Replies {
  const decoder = new ReplyDecoder(options);
  const replies: Reply[] = [];
  const attributes: unknown[] = [];
  try {
    for (const piece of pieces) {
      decoder.push(piece);
      for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
        replies.push(reply);
        attributes.push(decoder.attributes);
      }
      if (options?.strings) piece.fill(0x21);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { replies, attributes, error: error.message };
  }
  return { replies, attributes, error: '' };
}
