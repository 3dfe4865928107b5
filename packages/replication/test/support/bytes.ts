// Text and bytes for tests.

import { type Arguments, CommandArguments } from '@slotmesh/resp';

export function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

export function text(data: Uint8Array): string {
  return Buffer.from(data).toString('latin1');
}

/** A command's arguments as the command layer hands them over. */
export function commandArguments(...words: readonly (string | Uint8Array)[]): Arguments {
  const args = new CommandArguments();
  const parts = words.map((word) => (typeof word === 'string' ? bytes(word) : word));
  args.buffer = new Uint8Array(Buffer.concat(parts));
  args.count = parts.length;
  args.starts = new Int32Array(parts.length);
  args.ends = new Int32Array(parts.length);
  let at = 0;
  parts.forEach((part, i) => {
    args.starts[i] = at;
    at += part.length;
    args.ends[i] = at;
  });
  return args;
}

/** The words of a command as text. */
export function argumentWords(args: Arguments): string[] {
  return Array.from({ length: args.count }, (_, i) =>
    text(args.buffer.subarray(args.starts[i], args.ends[i])),
  );
}
