// The command line: what is asked for, or one sentence that says what is wrong with it.

import { type Settings, SettingsError } from '../settings.ts';
import { formatMasks, parseMasks } from '../shrink/masks.ts';
import { FLAGS, type Flag } from './flags.ts';

/** What to do. */
export type Job =
  | { readonly kind: 'help' }
  | { readonly kind: 'seed'; readonly seed: number }
  | { readonly kind: 'replay'; readonly file: string }
  | {
      readonly kind: 'lostWrites';
      readonly file: string;
      readonly from: number;
      readonly seeds: number;
    }
  | {
      readonly kind: 'search';
      readonly from: number;
      /** Null: until the time is over. */
      readonly seeds: number | null;
      /** Null: until all seeds are done. */
      readonly minutes: number | null;
      readonly untilFailure: boolean;
    };

export interface Arguments {
  readonly job: Job;
  readonly settings: Settings;
  readonly shrink: boolean;
  readonly trace: string | null;
  readonly log: 'all' | 'brief' | 'none';
  /** Null: as many as there are cores. */
  readonly jobs: number | null;
  readonly mutant: string | null;
}

/** A command line that cannot be carried out. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

const SEEDS_DEFAULT = 100;
const JOBS_MAX = 1024;

/** Throws {@link UsageError}. Names of faults and the like are not looked at. */
export function parseArguments(words: readonly string[]): Arguments {
  const given = new Given(words);
  const log = given.has('quiet') ? 'none' : given.has('brief') ? 'brief' : 'all';
  return {
    job: jobOf(given),
    settings: settingsOf(given),
    shrink: given.has('shrink'),
    trace: given.text('trace'),
    log,
    jobs: given.number('jobs', 1, JOBS_MAX),
    mutant: given.text('mutant'),
  };
}

/** The flags that were given, with their values. */
class Given {
  readonly #values = new Map<string, string>();

  constructor(words: readonly string[]) {
    const left = [...words];
    for (let word = left.shift(); word !== undefined; word = left.shift()) {
      const [, name, inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
      const flag = FLAGS.find((one) => one.name === name);
      if (flag === undefined) throw new UsageError(`unknown option '${word}'; see --help`);
      if (this.#values.has(flag.name)) throw new UsageError(`--${flag.name} is given twice`);
      this.#values.set(flag.name, takeValue(flag, inline, left));
    }
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | null {
    return this.#values.get(name) ?? null;
  }

  number(name: string, min: number, max: number): number | null {
    const text = this.text(name);
    if (text === null) return null;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, not '${text}'`);
  }

  /** 'none' is the empty list. */
  list(name: string): string[] | null {
    const text = this.text(name);
    if (text === null) return null;
    if (text === 'none') return [];
    const items = text.split(',').map((item) => item.trim());
    if (items.every((item) => item !== '')) return items;
    throw new UsageError(`--${name} takes names with commas between, or 'none', not '${text}'`);
  }

  /** One of some words. */
  word<T extends string>(name: string, words: readonly T[]): T | null {
    const text = this.text(name);
    if (text === null) return null;
    const word = words.find((one) => one === text);
    if (word !== undefined) return word;
    throw new UsageError(`--${name} takes ${words.join(' or ')}, not '${text}'`);
  }
}

function takeValue(
  { name, takes, value }: Flag,
  inline: string | undefined,
  left: string[],
): string {
  if (takes === 'none') {
    if (inline !== undefined) throw new UsageError(`--${name} takes no value`);
    return '';
  }
  const text = inline ?? left.shift();
  if (text === undefined || text === '' || (inline === undefined && text.startsWith('--'))) {
    throw new UsageError(`--${name} needs a value: --${name} ${value}`);
  }
  return text;
}

function jobOf(given: Given): Job {
  if (given.has('help')) return { kind: 'help' };
  const searching = ['seeds', 'minutes', 'from', 'until-failure'];
  const seed = given.number('seed', 0, Number.MAX_SAFE_INTEGER);
  if (seed !== null) {
    excludeAll(given, 'seed', [...searching, 'replay']);
    return { kind: 'seed', seed };
  }
  const file = given.text('replay');
  if (file !== null) {
    const others = FLAGS.map(({ name }) => name);
    const fitting = ['replay', 'brief', 'quiet', 'mutant'];
    excludeAll(
      given,
      'replay',
      others.filter((name) => !fitting.includes(name)),
    );
    return { kind: 'replay', file };
  }
  const page = given.text('lost-writes');
  if (page === null) return searchOf(given);
  excludeAll(given, 'lost-writes', ['minutes', 'until-failure', 'shrink', 'trace', 'mutant']);
  const { from, seeds } = searchOf(given);
  return { kind: 'lostWrites', file: page, from, seeds: seeds ?? SEEDS_DEFAULT };
}

function searchOf(given: Given): Extract<Job, { readonly kind: 'search' }> {
  const minutes = given.number('minutes', 1, 100_000);
  const seeds = given.number('seeds', 1, Number.MAX_SAFE_INTEGER);
  const untilFailure = given.has('until-failure');
  const isEndless = minutes !== null || untilFailure;
  return {
    kind: 'search',
    from: given.number('from', 0, Number.MAX_SAFE_INTEGER) ?? 1,
    seeds: seeds ?? (isEndless ? null : SEEDS_DEFAULT),
    minutes,
    untilFailure,
  };
}

function excludeAll(given: Given, name: string, others: readonly string[]): void {
  const other = others.find((one) => given.has(one));
  if (other !== undefined) throw new UsageError(`--${name} and --${other} do not go together`);
}

function settingsOf(given: Given): Settings {
  const nodes = given.number('nodes', 1, 10_000);
  const voters = given.number('voters', 1, 10_000);
  const nodeTimeoutMs = given.number('node-timeout', 100, 600_000);
  const faultyMs = given.number('faulty-ms', 0, Number.MAX_SAFE_INTEGER);
  const start = given.word('start', ['meet', 'files']);
  const codec = given.word('codec', ['on', 'off']);
  const replicas = given.word('replicas', ['on', 'off']);
  const faults = given.list('faults');
  const operators = given.list('operators');
  const workloads = given.list('workloads');
  const masked = masksOf(given);
  return {
    ...(nodes !== null && { nodes }),
    ...(voters !== null && { voters }),
    ...(nodeTimeoutMs !== null && { nodeTimeoutMs }),
    ...(faultyMs !== null && { faultyMs }),
    ...(start !== null && { start }),
    ...(codec !== null && { codec: codec === 'on' }),
    ...(replicas !== null && { replicas: replicas === 'on' }),
    ...(faults !== null && { faults }),
    ...(operators !== null && { operators }),
    ...(workloads !== null && { workloads }),
    ...(masked !== null && { masked }),
  };
}

function masksOf(given: Given): string[] | null {
  const items = given.list('mask');
  try {
    return items === null ? null : parseMasks(items);
  } catch (error) {
    if (error instanceof SettingsError) throw new UsageError(`--mask: ${error.message}`);
    throw error;
  }
}

/** The one command that runs this. */
export function commandFor(seed: number, settings: Settings, mutant: string | null): string {
  const { nodes, voters, nodeTimeoutMs, faultyMs, start, codec, replicas } = settings;
  const words = ['npm run simulate -- --seed', seed];
  const list = (name: string, items: readonly string[] | undefined): void => {
    if (items !== undefined) words.push(`--${name}`, items.length === 0 ? 'none' : items.join());
  };
  if (mutant !== null) words.push('--mutant', mutant);
  if (nodes !== undefined) words.push('--nodes', nodes);
  if (voters !== undefined) words.push('--voters', voters);
  if (nodeTimeoutMs !== undefined) words.push('--node-timeout', nodeTimeoutMs);
  if (faultyMs !== undefined) words.push('--faulty-ms', faultyMs);
  if (start !== undefined) words.push('--start', start);
  if (codec !== undefined) words.push('--codec', codec ? 'on' : 'off');
  if (replicas !== undefined) words.push('--replicas', replicas ? 'on' : 'off');
  list('faults', settings.faults);
  list('operators', settings.operators);
  list('workloads', settings.workloads);
  if (settings.masked?.length) list('mask', formatMasks(settings.masked));
  return words.join(' ');
}
