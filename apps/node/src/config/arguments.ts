// The quoting of redis.conf lines, both ways. Text in double quotes knows \n, \r, \t, \a, \b, \xHH and a backslash before
// anything else; in single quotes only \'. A closing quote ends its argument. Rules: redis.conf's own, as redis-server
// 7.0 reads them.

const HEX = /^[0-9a-fA-F]{2}$/;
const ESCAPES = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['b', 0x08],
  ['a', 0x07],
]);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function isBlank(character: string): boolean {
  return character === ' ' || (character >= '\t' && character <= '\r');
}

/** Reads one line from left to right. Escapes give single bytes, so arguments are put together as bytes. */
class LineReader {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  /** The next argument; null at the end of the line; undefined where quotes are not balanced. */
  next(): string | null | undefined {
    while (this.#at < this.#line.length && isBlank(this.#line[this.#at])) this.#at++;
    if (this.#at >= this.#line.length) return null;
    const bytes: number[] = [];
    while (this.#at < this.#line.length) {
      const character = this.#line[this.#at];
      if (isBlank(character) || character === '\0') break;
      this.#at++;
      if (character === '"' || character === "'") {
        if (!this.#quoted(character, bytes)) return undefined;
        break;
      }
      this.#push(bytes, character);
    }
    return decoder.decode(Uint8Array.from(bytes));
  }

  #push(bytes: number[], character: string): void {
    const code = character.charCodeAt(0);
    if (code < 0x80) {
      bytes.push(code);
      return;
    }
    // A character above U+FFFF is two units of the string.
    const whole = String.fromCodePoint(this.#line.codePointAt(this.#at - 1) ?? code);
    this.#at += whole.length - 1;
    bytes.push(...encoder.encode(whole));
  }

  /** From after an opening quote to after the closing one; false if that is missing or something follows it. */
  #quoted(quote: string, bytes: number[]): boolean {
    const line = this.#line;
    while (this.#at < line.length) {
      const character = line[this.#at++];
      if (character === quote) return this.#at >= line.length || isBlank(line[this.#at]);
      if (character !== '\\' || this.#at >= line.length) this.#push(bytes, character);
      else if (quote === '"') this.#escape(bytes);
      else if (line[this.#at] === "'") bytes.push(line.charCodeAt(this.#at++));
      else bytes.push(0x5c);
    }
    return false;
  }

  #escape(bytes: number[]): void {
    const hex = this.#line.slice(this.#at + 1, this.#at + 3);
    const character = this.#line[this.#at++];
    if (character === 'x' && HEX.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      this.#at += 2;
    } else {
      const code = ESCAPES.get(character);
      if (code === undefined) this.#push(bytes, character);
      else bytes.push(code);
    }
  }
}

/** The arguments of a line; null if its quotes are not balanced. */
export function splitArguments(line: string): string[] | null {
  const reader = new LineReader(line);
  const found: string[] = [];
  for (;;) {
    const argument = reader.next();
    if (argument === null) return found;
    if (argument === undefined) return null;
    found.push(argument);
  }
}

/** An argument in double quotes, so that {@link splitArguments} gives it back. Bytes that do not print are escaped. */
export function quoteArgument(argument: string): string {
  let quoted = '"';
  for (const byte of encoder.encode(argument)) {
    const character = String.fromCharCode(byte);
    if (character === '\\' || character === '"') quoted += `\\${character}`;
    else if (byte >= 0x20 && byte < 0x7f) quoted += character;
    else quoted += escapeByte(byte);
  }
  return `${quoted}"`;
}

function escapeByte(byte: number): string {
  for (const [letter, code] of ESCAPES) if (code === byte) return `\\${letter}`;
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
