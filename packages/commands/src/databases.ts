// Numbers of databases, as arguments give them.

import type { Arguments } from '@slotmesh/resp';
import { integerOf } from './bytes.ts';
import type { CommandContext } from './context.ts';
import { NOT_AN_INTEGER } from './errors.ts';

const INT32_MAX = 0x7fff_ffff;
export const NO_SUCH_DATABASE = 'ERR DB index is out of range';

/**
 * The 32-bit integer of argument `i`; null where it is none, and the client has been told so, with `problem` where that
 * is given.
 */
export function databaseNumberOf(
  context: CommandContext,
  args: Arguments,
  i: number,
  problem?: string,
): number | null {
  const value = integerOf(args, i);
  if (value === null) {
    context.error(problem ?? NOT_AN_INTEGER);
    return null;
  }
  if (value > INT32_MAX || value < -INT32_MAX - 1) {
    context.error(
      problem ?? `ERR value is out of range, value must between ${-INT32_MAX - 1} and ${INT32_MAX}`,
    );
    return null;
  }
  return Number(value);
}
