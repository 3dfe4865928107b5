// How a Redis 7.0 server prints a double: C's %.17g, which is not the shortest form (0.1 is 0.10000000000000001).

const DIGITS = 17;
/** As many as JavaScript prints; no double has that many zeros before its last digit. */
const DIGITS_MAX = 100;

/** A double as `%.17g`; `inf`, `-inf` and `nan` for what is no number. */
export function formatDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0';
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toString();
  const sign = value < 0 ? '-' : '';
  const [mantissa, exponentText] = Math.abs(value)
    .toExponential(DIGITS - 1)
    .split('e');
  const digits = toEven(Math.abs(value), mantissa.replace('.', '')).replace(/0+$/, '');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= DIGITS) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

/** C rounds what lies exactly between two numbers of 17 digits to the even one, JavaScript to the greater. */
function toEven(value: number, digits: string): string {
  const last = Number(digits[DIGITS - 1]);
  if (last % 2 === 0) return digits;
  const [all] = value
    .toExponential(DIGITS_MAX - 1)
    .replace('.', '')
    .split('e');
  const isBetween = all[DIGITS] === '5' && /^0*$/.test(all.slice(DIGITS + 1));
  return isBetween ? digits.slice(0, -1) + String(last - 1) : digits;
}
