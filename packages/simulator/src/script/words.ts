// The words of a line, and what they can mean: nodes, links, times, slots. Everything that can be
// wrong with them is found here, before anything runs.

import { SlotRangeError, SlotSet } from '@slotmesh/crc16-slots';
import { ScriptError } from './errors.ts';
import { indexOf } from './names.ts';

/** Nodes by their numbers; `all`: as many as there are by then; `others`: all but those spoken to. */
export type NodeSet = readonly number[] | 'all' | 'others';

/** From whom to whom. */
export interface LinkSet {
  readonly from: NodeSet;
  readonly to: NodeSet;
  readonly bothWays: boolean;
}

/** A time, in ms or in node timeouts. */
export interface Duration {
  readonly amount: number;
  readonly unit: 'ms' | 'NT';
}

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

export class Words {
  readonly #words: readonly string[];
  #position = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  get peek(): string | undefined {
    return this.#words[this.#position];
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#words.length;
  }

  /** Any word; `what` says in the error what should have been there. */
  next(what: string): string {
    const word = this.#words[this.#position++];
    if (word === undefined) throw bad(`${what} is missing`);
    return word;
  }

  /** Takes the word if it is the next one. */
  take(word: string): boolean {
    if (this.peek !== word) return false;
    this.#position++;
    return true;
  }

  need(word: string): void {
    if (!this.take(word)) throw bad(`'${word}' is missing before '${this.peek ?? 'the end'}'`);
  }

  end(): void {
    if (!this.isAtEnd) throw bad(`'${this.peek}' is too much`);
  }

  oneOf<T extends string>(what: string, choices: readonly T[]): T {
    const word = this.next(what);
    const choice = choices.find((one) => one === word);
    if (choice === undefined) throw bad(`'${word}' is no ${what}: ${choices.join(', ')}`);
    return choice;
  }

  number(what: string): number {
    return parseNumber(this.next(what), what);
  }

  node(): number {
    return parseNode(this.next('a node'));
  }

  /** One or more nodes. */
  nodes(): NodeSet {
    if (this.take('all')) return 'all';
    const indices: number[] = [];
    while (this.peek !== undefined && isNodes(this.peek)) indices.push(...this.#range());
    if (indices.length === 0) throw bad(`'${this.peek ?? 'the end'}' is no node`);
    return indices;
  }

  #range(): number[] {
    return parseRange(this.next('a node'));
  }

  duration(): Duration {
    return parseDuration(this.next('a time'));
  }

  slots(): SlotSet {
    const words: string[] = [];
    while (this.peek !== undefined && /^\d/.test(this.peek)) words.push(this.next('a slot'));
    if (words.length === 0) throw bad('slots are missing');
    return parseSlots(words.join(' '));
  }

  /** 'A>B', 'A<>B', 'A,B>C-E', 'A<>others'. */
  link(): LinkSet {
    const word = this.next('a link');
    const match = /^([^<>]+)(<>|>)([^<>]+)$/.exec(word);
    if (match === null) throw bad(`'${word}' is no link: A>B is one way, A<>B both`);
    const [from, to] = [parseGroup(match[1]), parseGroup(match[3])];
    if (from === 'others') throw bad(`'others' stands on the right side of a link`);
    return { from, to, bothWays: match[2] === '<>' };
  }

  links(): LinkSet[] {
    const links = [this.link()];
    while (this.peek?.includes('>')) links.push(this.link());
    return links;
  }

  /** What stands before a word, and what behind it. */
  split(word: string): [Words, Words] {
    const rest = this.all();
    const position = rest.indexOf(word);
    if (position === -1) throw bad(`'${word}' is missing`);
    return [new Words(rest.slice(0, position)), new Words(rest.slice(position + 1))];
  }

  /** The rest. */
  all(): string[] {
    const rest = this.#words.slice(this.#position);
    this.#position = this.#words.length;
    return rest;
  }

  /** The rest, as 'name=value'. */
  settings(): Map<string, string> {
    const settings = new Map<string, string>();
    while (!this.isAtEnd) {
      const word = this.next('a setting');
      const split = word.indexOf('=');
      if (split <= 0) throw bad(`'${word}' is no name=value`);
      if (settings.has(word.slice(0, split))) throw bad(`'${word.slice(0, split)}' stands twice`);
      settings.set(word.slice(0, split), word.slice(split + 1));
    }
    return settings;
  }
}

export function bad(message: string): ScriptError {
  return new ScriptError('BAD_ARGUMENT', message);
}

export function parseNode(word: string): number {
  const index = indexOf(word);
  if (index === -1) throw bad(`'${word}' is no node: they are A, B, C ... Z, AA ...`);
  return index;
}

function isNodes(word: string): boolean {
  return /^[A-Z]{1,2}(-[A-Z]{1,2})?$/.test(word);
}

function parseRange(word: string): number[] {
  const [first, last = first] = word.split('-').map(parseNode);
  if (last < first) throw bad(`'${word}' runs backwards`);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function parseGroup(text: string): NodeSet {
  if (text === 'all' || text === 'others') return text;
  return text.split(',').flatMap(parseRange);
}

/** Decimal, or a power: '2^53'. Above 2^53 - 1 it is not exact. */
export function parseNumber(word: string, what: string): number {
  const power = /^2\^(\d+)$/.exec(word);
  if (power !== null) return 2 ** Number(power[1]);
  if (!/^\d+$/.test(word)) throw bad(`'${word}' is no ${what}`);
  return Number(word);
}

export function parseSlots(text: string): SlotSet {
  try {
    return SlotSet.parse(text);
  } catch (error) {
    if (!(error instanceof SlotRangeError)) throw error;
    throw bad(error.message);
  }
}

export function parseDuration(word: string): Duration {
  const match = /^([-+]?\d+(?:\.\d+)?)(ms|s|min|h|d|NT)$/.exec(word);
  if (match === null) throw bad(`'${word}' is no time: 250ms, 3s, 2min, 1h, 1d, 1.5NT`);
  const [, amount, unit] = match;
  if (unit === 'NT') return { amount: Number(amount), unit };
  return { amount: Number(amount) * (UNITS_MS.get(unit) as number), unit: 'ms' };
}
