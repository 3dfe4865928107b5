// How a Redis 7.0 server prints a double: C's %.17g, which is not the shortest form (0.1 is 0.10000000000000001).

const DIGITS = 17;

/** A double as `%.17g`; `inf`, `-inf` and `nan` for what is no number. */
export function formatDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa, exponentText] = roundedToEven(value).split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < DIGITS) return withoutZeros(value.toPrecision(DIGITS));
  const sign = exponent < 0 ? '-' : '+';
  return `${withoutZeros(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** The 17 digits in scientific form. JavaScript rounds an exact half up and C to the even digit. */
function roundedToEven(value: number): string {
  return value.toExponential(DIGITS - 1);
}

function withoutZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}
