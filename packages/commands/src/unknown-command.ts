// The error for a command that there is not: it echoes what the client sent.

import type { Arguments } from '@slotmesh/resp';
import { printedOf } from './bytes.ts';
import type { CommandTable } from './command.ts';

/** Errors echo at most so many bytes of what the client sent. */
const ECHO_BYTES_MAX = 128;

export function unknownCommandText(table: CommandTable, args: Arguments): string {
  const { buffer, starts, ends } = args;
  const container = table.index.find(buffer, starts[0], ends[0]);
  if (container !== null) {
    const name = printedOf(args, 0).toUpperCase();
    return `ERR unknown subcommand '${printedOf(args, 1, ECHO_BYTES_MAX)}'. Try ${name} HELP.`;
  }
  let rest = '';
  for (let i = 1; i < args.count && rest.length < ECHO_BYTES_MAX; i++) {
    rest += `'${printedOf(args, i, ECHO_BYTES_MAX - rest.length)}' `;
  }
  const name = printedOf(args, 0, ECHO_BYTES_MAX);
  return `ERR unknown command '${name}', with args beginning with: ${rest}`;
}
