// The kinds of values that most directives take. Each function gives a kind together with a directive's standard value.
// Error texts: redis-server 7.0.

import { quoteArgument } from './arguments.ts';
import { DirectiveError, type Kind } from './directive.ts';

export const INT_MAX = 2_147_483_647n;
export const UINT_MAX = 4_294_967_295n;
export const LONG_MAX = 9_223_372_036_854_775_807n;
export const ULONG_MAX = 18_446_744_073_709_551_615n;

export type KindAndStandard = readonly [kind: Kind, standard: string];

const UNITS = new Map<string, bigint>([
  ['', 1n],
  ['b', 1n],
  ['k', 1_000n],
  ['kb', 1n << 10n],
  ['m', 1_000_000n],
  ['mb', 1n << 20n],
  ['g', 1_000_000_000n],
  ['gb', 1n << 30n],
]);

/** Bytes of "64mb", "1g", "100"; null if it is nothing of that sort. */
export function parseMemory(text: string): bigint | null {
  const match = /^(\d*)([a-z]*)$/i.exec(text);
  const unit = match === null ? undefined : UNITS.get(match[2].toLowerCase());
  if (match === null || unit === undefined) return null;
  return BigInt(match[1] === '' ? 0 : match[1]) * unit;
}

/** The shortest of "1gb", "3mb", "5kb", "77" that means that many bytes. */
export function formatMemory(bytes: bigint): string {
  for (const [unit, shift] of [
    ['gb', 30n],
    ['mb', 20n],
    ['kb', 10n],
  ] as const) {
    if (bytes !== 0n && bytes % (1n << shift) === 0n) return `${bytes >> shift}${unit}`;
  }
  return String(bytes);
}

/** A whole number without blanks, plus sign or leading zeros; null if it is not one, or beyond 64 bits. */
export function parseWhole(text: string): bigint | null {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return null;
  const value = BigInt(text);
  return value > LONG_MAX || value < -LONG_MAX - 1n ? null : value;
}

function within(value: bigint, least: bigint, most: bigint, radix = 10): bigint {
  if (value >= least && value <= most) return value;
  throw new DirectiveError(
    `argument must be between ${least.toString(radix)} and ${most.toString(radix)} inclusive`,
  );
}

function single(
  parse: (text: string) => string,
  line: (value: string) => string | null = (value) => value,
): Kind {
  return {
    takesMany: false,
    parse: ([text]) => parse(text),
    lines(value) {
      const written = line(value);
      return written === null ? null : [written];
    },
  };
}

const yesNo = single((text) => {
  const value = text.toLowerCase();
  if (value === 'yes' || value === 'no') return value;
  throw new DirectiveError("argument must be 'yes' or 'no'");
});

export function bool(standard: 'yes' | 'no'): KindAndStandard {
  return [yesNo, standard];
}

export function integer(
  standard: number,
  least: bigint | number,
  most: bigint | number,
): KindAndStandard {
  const kind = single((text) => {
    const value = parseWhole(text);
    if (value === null) throw new DirectiveError("argument couldn't be parsed into an integer");
    return String(within(value, BigInt(least), BigInt(most)));
  });
  return [kind, String(standard)];
}

/** A size in bytes, with units. */
export function memory(
  standard: bigint | number,
  least: bigint | number,
  most: bigint,
): KindAndStandard {
  const parse = (text: string) => {
    const value = parseMemory(text);
    if (value === null) throw new DirectiveError('argument must be a memory value');
    return String(within(value, BigInt(least), most));
  };
  return [single(parse, (value) => formatMemory(BigInt(value))), String(standard)];
}

/** A size in bytes, or a percentage up to 100. */
export function memoryOrPercent(standard: number): KindAndStandard {
  const parse = (text: string) => {
    const bytes = parseMemory(text);
    // Beyond 63 bits the original sees a negative number, which stands for a percentage there.
    if (bytes !== null && bytes <= LONG_MAX) return String(bytes);
    const percent = text.length > 1 && text.endsWith('%') ? parseWhole(text.slice(0, -1)) : null;
    if (bytes === null && (percent === null || percent < 0n)) {
      throw new DirectiveError('argument must be a memory or percent value');
    }
    if (percent === null || percent > 100n) {
      throw new DirectiveError('percentage argument must be less or equal to 100');
    }
    return percent === 0n ? '0' : `${percent}%`;
  };
  const line = (value: string) => (value.endsWith('%') ? value : formatMemory(BigInt(value)));
  return [single(parse, line), String(standard)];
}

/** Permission bits. */
export function octal(standard: number, most: bigint): KindAndStandard {
  const kind = single((text) => {
    if (!/^[0-7]+$/.test(text)) {
      throw new DirectiveError("argument couldn't be parsed as an octal number");
    }
    return within(BigInt(`0o${text}`), 0n, most, 8).toString(8);
  });
  return [kind, standard.toString(8)];
}

export function choice(standard: string, names: readonly string[]): KindAndStandard {
  const kind = single((text) => {
    const value = text.toLowerCase();
    if (names.includes(value)) return value;
    throw new DirectiveError(`argument(s) must be one of the following: ${names.join(', ')}`);
  });
  return [kind, standard];
}

/** Any text. `check` says what is wrong with it, or null. An empty text is one that is not set, and is not written. */
export function text(
  standard = '',
  check: (value: string) => string | null = () => null,
): KindAndStandard {
  const parse = (value: string) => {
    const problem = check(value);
    if (problem !== null) throw new DirectiveError(problem);
    return value;
  };
  return [single(parse, (value) => (value === '' ? null : quoteArgument(value))), standard];
}

/** The same, where the empty text is a value of its own and is written. */
export function textOrEmpty(
  standard: string,
  check: (value: string) => string | null = () => null,
): KindAndStandard {
  const [kind] = text(standard, check);
  return [{ ...kind, lines: (value) => [quoteArgument(value)] }, standard];
}

/** Numbers outside are taken as the nearest one inside: a hint rather than an order. */
export function clamped(
  kind: KindAndStandard,
  least: bigint | number,
  most: bigint | number,
): KindAndStandard {
  const [inner, standard] = kind;
  const parse: Kind['parse'] = (args, current, fromFile) => {
    const value = BigInt(inner.parse(args, current, fromFile));
    if (value < BigInt(least)) return String(least);
    return String(value > BigInt(most) ? most : value);
  };
  return [{ ...inner, parse }, standard];
}

/** A value that only one setting of is possible here: anything else says why. */
export function only(kind: KindAndStandard, why: string): KindAndStandard {
  const [inner, standard] = kind;
  const parse: Kind['parse'] = (args, current, fromFile) => {
    const value = inner.parse(args, current, fromFile);
    if (value !== standard) throw new DirectiveError(why);
    return value;
  };
  return [{ ...inner, parse }, standard];
}
