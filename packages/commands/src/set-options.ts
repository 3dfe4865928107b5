// Hot path: the options of SET and GETEX; bench in bench/execute.bench.ts.

import type { Arguments } from '@slotmesh/resp';
import { isWord } from './bytes.ts';
import { MILLISECONDS, SECONDS, type TimeUnit, UNIX_MILLISECONDS, UNIX_SECONDS } from './expiry.ts';

/** Bits, to be combined. */
export const SetOption = {
  nx: 1,
  xx: 2,
  get: 4,
  keepTtl: 8,
  ex: 16,
  px: 32,
  exAt: 64,
  pxAt: 128,
  persist: 256,
} as const;

/** Options with a time behind them. */
export const EXPIRY_OPTIONS: number = SetOption.ex | SetOption.px | SetOption.exAt | SetOption.pxAt;
/** Options of which one at most may be given. */
const LIFETIME_OPTIONS = EXPIRY_OPTIONS | SetOption.keepTtl | SetOption.persist;

export interface GivenOptions {
  readonly options: number;
  /** The argument that holds the time; 0 where none is given. */
  readonly expiryAt: number;
}

const NONE: GivenOptions = { options: 0, expiryAt: 0 };

/** Reads options from argument `from` on; null for a syntax error. `allowed` holds those that the command has. */
export function optionsOf(args: Arguments, from: number, allowed: number): GivenOptions | null {
  if (args.count === from) return NONE;
  let options = 0;
  let expiryAt = 0;
  for (let i = from; i < args.count; i++) {
    const option = optionAt(args, i) & allowed;
    const takesValue = (option & EXPIRY_OPTIONS) !== 0;
    if (option === 0 || (options & conflictsOf(option)) !== 0) return null;
    if (takesValue && i + 1 === args.count) return null;
    options |= option;
    if (takesValue) expiryAt = ++i;
  }
  return { options, expiryAt };
}

/** The option that argument `i` names, 0 = none. */
function optionAt(args: Arguments, i: number): number {
  switch (args.ends[i] - args.starts[i]) {
    case 2:
      if (isWord(args, i, 'EX')) return SetOption.ex;
      if (isWord(args, i, 'PX')) return SetOption.px;
      if (isWord(args, i, 'NX')) return SetOption.nx;
      return isWord(args, i, 'XX') ? SetOption.xx : 0;
    case 3:
      return isWord(args, i, 'GET') ? SetOption.get : 0;
    case 4:
      if (isWord(args, i, 'EXAT')) return SetOption.exAt;
      return isWord(args, i, 'PXAT') ? SetOption.pxAt : 0;
    case 7:
      if (isWord(args, i, 'KEEPTTL')) return SetOption.keepTtl;
      return isWord(args, i, 'PERSIST') ? SetOption.persist : 0;
    default:
      return 0;
  }
}

/** Which of the options given before an option may not stand beside it; KEEPTTL and PERSIST may be repeated. */
function conflictsOf(option: number): number {
  if (option === SetOption.nx) return SetOption.xx;
  if (option === SetOption.xx) return SetOption.nx;
  if (option === SetOption.keepTtl) return LIFETIME_OPTIONS & ~SetOption.keepTtl;
  if (option === SetOption.persist) return LIFETIME_OPTIONS & ~SetOption.persist;
  return (option & EXPIRY_OPTIONS) === 0 ? 0 : LIFETIME_OPTIONS & ~option;
}

/** How the time is meant that came with these options, one of which is an expiry. */
export function expiryUnitOf(options: number): TimeUnit {
  if ((options & SetOption.ex) !== 0) return SECONDS;
  if ((options & SetOption.px) !== 0) return MILLISECONDS;
  return (options & SetOption.exAt) !== 0 ? UNIX_SECONDS : UNIX_MILLISECONDS;
}
