// Patterns among the arguments of a command.

import { GlobPattern, PATTERN_BYTES_MAX } from '@slotmesh/keyspace';
import type { Arguments } from '@slotmesh/resp';
import type { CommandContext } from './context.ts';

/** The pattern at argument `i`; null: it is too long, and the client has been told so. */
export function patternAt(
  context: CommandContext,
  args: Arguments,
  i: number,
  options: { readonly ignoreCase?: boolean } = {},
): GlobPattern | null {
  if (isPattern(context, args, i)) {
    return new GlobPattern(args.buffer, args.starts[i], args.ends[i], options);
  }
  return null;
}

/** Whether argument `i` can be a pattern; if not, the client has been told so. */
export function isPattern(context: CommandContext, args: Arguments, i: number): boolean {
  if (args.ends[i] - args.starts[i] <= PATTERN_BYTES_MAX) return true;
  context.error(`ERR a pattern has at most ${PATTERN_BYTES_MAX} bytes`);
  return false;
}
