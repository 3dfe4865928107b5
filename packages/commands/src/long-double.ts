// The numbers of INCRBYFLOAT. Redis computes them in the 80-bit format of x86 processors: 64 bits of mantissa, exponents
// to 16,383. Here they are integers times powers of two, rounded as that format rounds (to the nearest, ties to even),
// so every digit is the same.

const MANTISSA_BITS = 64;
/** Exponent of the last bit of the mantissa. */
const EXPONENT_MAX = 16_383 - (MANTISSA_BITS - 1);
const EXPONENT_MIN = -16_445;
/** Digits after the point. */
const DECIMALS = 17;
/** Longer texts are no numbers. */
const TEXT_LENGTH_MAX = 5 * 1024 - 1;
/** Beyond these powers of ten every number is infinite, or zero. */
const DECIMAL_EXPONENT_MAX = 20_000;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const HEXADECIMAL = /^([+-]?)0[xX]([\da-fA-F]*)(?:\.([\da-fA-F]*))?(?:[pP]([+-]?\d+))?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/** `mantissa * 2 ** exponent`. Infinities have a mantissa of 1 or -1 and an infinite exponent. */
export class LongDouble {
  static readonly ZERO: LongDouble = new LongDouble(0n, 0);

  readonly #mantissa: bigint;
  readonly #exponent: number;

  private constructor(mantissa: bigint, exponent: number) {
    this.#mantissa = mantissa;
    this.#exponent = exponent;
  }

  /** As the C library's `strtold` reads the whole text; null where it is no number, NaN, too large or too small. */
  static parse(text: string): LongDouble | null {
    if (text.length === 0 || text.length > TEXT_LENGTH_MAX) return null;
    const infinite = INFINITE.exec(text);
    if (infinite !== null) {
      return new LongDouble(infinite[1] === '-' ? -1n : 1n, Number.POSITIVE_INFINITY);
    }
    const decimal = DECIMAL.exec(text);
    if (decimal !== null) return parsed(decimal, 10);
    const hexadecimal = HEXADECIMAL.exec(text);
    return hexadecimal === null ? null : parsed(hexadecimal, 16);
  }

  /** Of `numerator / denominator`; null where it is too large, or not zero and too small. */
  static ratio(numerator: bigint, denominator: bigint): LongDouble | null {
    if (numerator === 0n) return LongDouble.ZERO;
    const isNegative = numerator < 0n;
    const size = isNegative ? -numerator : numerator;
    // As many bits of the quotient as the mantissa has, or one more.
    let exponent = bitLength(size) - bitLength(denominator) - MANTISSA_BITS;
    exponent = Math.max(exponent, EXPONENT_MIN);
    let [quotient, rest] = divided(size, denominator, exponent);
    if (bitLength(quotient) > MANTISSA_BITS) {
      exponent++;
      [quotient, rest] = divided(size, denominator, exponent);
    }
    const scaled = exponent > 0 ? denominator << BigInt(exponent) : denominator;
    const twice = rest * 2n;
    if (twice > scaled || (twice === scaled && quotient % 2n === 1n)) quotient++;
    if (bitLength(quotient) > MANTISSA_BITS) {
      quotient >>= 1n;
      exponent++;
    }
    if (quotient === 0n || exponent > EXPONENT_MAX) return null;
    return new LongDouble(isNegative ? -quotient : quotient, exponent);
  }

  /** Null where the sum is infinite or no number. */
  plus(other: LongDouble): LongDouble | null {
    if (!Number.isFinite(this.#exponent) || !Number.isFinite(other.#exponent)) return null;
    const exponent = Math.min(this.#exponent, other.#exponent);
    const sum =
      (this.#mantissa << BigInt(this.#exponent - exponent)) +
      (other.#mantissa << BigInt(other.#exponent - exponent));
    return exponent >= 0
      ? LongDouble.ratio(sum << BigInt(exponent), 1n)
      : LongDouble.ratio(sum, 1n << BigInt(-exponent));
  }

  /** Without an exponent, with at most 17 digits after the point and no zeros at the end. */
  toString(): string {
    const isNegative = this.#mantissa < 0n;
    const size = isNegative ? -this.#mantissa : this.#mantissa;
    const scaled = size * 10n ** BigInt(DECIMALS);
    let digits: bigint;
    if (this.#exponent >= 0) digits = scaled << BigInt(this.#exponent);
    else {
      const [quotient, rest] = divided(scaled, 1n << BigInt(-this.#exponent), 0);
      const twice = rest * 2n;
      const one = 1n << BigInt(-this.#exponent);
      digits = twice > one || (twice === one && quotient % 2n === 1n) ? quotient + 1n : quotient;
    }
    const text = digits.toString().padStart(DECIMALS + 1, '0');
    const whole = text.slice(0, -DECIMALS);
    const fraction = text.slice(-DECIMALS).replace(/0+$/, '');
    const number = fraction === '' ? whole : `${whole}.${fraction}`;
    return isNegative && number !== '0' ? `-${number}` : number;
  }
}

function parsed(match: RegExpExecArray, base: 10 | 16): LongDouble | null {
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
  const digits = whole + fraction;
  if (digits === '') return null;
  const size = BigInt(base === 16 ? `0x${digits}` : digits);
  const numerator = sign === '-' ? -size : size;
  if (size === 0n) return LongDouble.ZERO;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > DECIMAL_EXPONENT_MAX * 4) return null;
  const power = base === 16 ? 2n ** BigInt(Math.abs(exponent)) : 10n ** BigInt(Math.abs(exponent));
  const places = BigInt(base) ** BigInt(fraction.length);
  return exponent >= 0
    ? LongDouble.ratio(numerator * power, places)
    : LongDouble.ratio(numerator, places * power);
}

function bitLength(value: bigint): number {
  const text = value.toString(16);
  return (text.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(text[0], 16)));
}

/** Quotient and rest of `value / (divisor * 2 ** exponent)`. */
function divided(value: bigint, divisor: bigint, exponent: number): [bigint, bigint] {
  const shifted = exponent < 0 ? value << BigInt(-exponent) : value;
  const by = exponent > 0 ? divisor << BigInt(exponent) : divisor;
  const quotient = shifted / by;
  return [quotient, shifted - quotient * by];
}
