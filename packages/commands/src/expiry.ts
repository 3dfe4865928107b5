// Times to live as commands give them: seconds or milliseconds, from now or since 1970, within 64 bits.

import type { Arguments } from '@slotmesh/resp';
import { integerOf } from './bytes.ts';
import type { CommandContext } from './context.ts';
import { NOT_AN_INTEGER } from './errors.ts';

export interface TimeUnit {
  readonly factorMs: 1 | 1000;
  /** From now; else since 1970. */
  readonly isRelative: boolean;
}

export const SECONDS: TimeUnit = { factorMs: 1000, isRelative: true };
export const MILLISECONDS: TimeUnit = { factorMs: 1, isRelative: true };
export const UNIX_SECONDS: TimeUnit = { factorMs: 1000, isRelative: false };
export const UNIX_MILLISECONDS: TimeUnit = { factorMs: 1, isRelative: false };

/** Times above this are computed in 64 bits; stored, they lose their last digits (the year 287,396 and later). */
const EXACT_MAX = Number.MAX_SAFE_INTEGER;
const INT64_MAX = 9_223_372_036_854_775_807n;
const INT64_MIN = -9_223_372_036_854_775_808n;

/**
 * The Unix milliseconds that argument `i` means. Answers the error itself, and returns NaN, where it
 * is no integer, where the sum leaves 64 bits, and where `mustBePositive` and it is not.
 */
export function expiryOf(
  context: CommandContext,
  args: Arguments,
  i: number,
  unit: TimeUnit,
  mustBePositive: boolean,
): number {
  const value = integerOf(args, i);
  if (value === null) {
    context.error(NOT_AN_INTEGER);
    return Number.NaN;
  }
  const base = unit.isRelative ? context.nowMs : 0;
  if (!(mustBePositive && value <= 0)) {
    if (typeof value === 'number' && Math.abs(value) * unit.factorMs + base <= EXACT_MAX) {
      return value * unit.factorMs + base;
    }
    const wide = BigInt(value) * BigInt(unit.factorMs);
    const sum = wide + BigInt(base);
    if (wide >= INT64_MIN && wide <= INT64_MAX && sum <= INT64_MAX) return Number(sum);
  }
  context.error(`ERR invalid expire time in '${context.command.fullName}' command`);
  return Number.NaN;
}
