// The command line of `npm run soak`: what is asked for, or one sentence that says what is wrong with it.

import {
  redisServer,
  type ServerKind,
  slotmeshNode,
} from '../test/interop/support/server-process.ts';

export interface SoakArguments {
  readonly rounds: number;
  /** Null: until the rounds are done. */
  readonly minutes: number | null;
  readonly kind: ServerKind;
  readonly wait: boolean;
  readonly seed: number;
  readonly nodeTimeoutMs: number;
  readonly writers: number;
  readonly libraries: boolean;
  /** Further directives for the nodes. */
  readonly directives: readonly string[];
}

/** A command line that cannot be carried out. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

export const HELP = `npm run soak [-- options]

Kills, pauses or loses primaries at random while clients write, and explains every acknowledged write that is missing in the end.

  --rounds N          how many faults (20)
  --minutes M         end after this time, if the rounds are not done before
  --servers KIND      slotmesh or redis (slotmesh)
  --wait              a write counts only when WAIT says that every replica has it: then none may be missing
  --seed N            decides which primary, which fault, and when (1)
  --node-timeout MS   cluster-node-timeout (2000)
  --writers N         clients that write (20)
  --no-libraries      without the writers that are ioredis, iovalkey, node-redis, and redis-cli
  --directive 'NAME VALUE'   a further directive for all nodes; may be given again
  --help              this text

Ends with 1 where anything is unexplained, and names the seed.`;

const KINDS = new Map([
  ['slotmesh', slotmeshNode],
  ['redis', redisServer],
]);

/** Null where help is asked for. Throws UsageError. */
export function parseArguments(words: readonly string[]): SoakArguments | null {
  const values = new Map<string, string>();
  const directives: string[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, name, inline] = /^(--[a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === '--help') return null;
    const takesValue = VALUED.has(name);
    if (!takesValue && !FLAGS.has(name))
      throw new UsageError(`unknown option '${word}'; see --help`);
    if (!takesValue) {
      values.set(name, '');
      continue;
    }
    const value = inline ?? rest.shift();
    if (value === undefined || value === '') throw new UsageError(`${name} needs a value`);
    if (name !== '--directive') {
      values.set(name, value);
      continue;
    }
    const [directive, ...args] = value.split(' ');
    directives.push(`--${directive}`, ...args);
  }
  const number = (name: string, missing: number, min: number, max: number): number => {
    const text = values.get(name);
    if (text === undefined) return missing;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new UsageError(`${name} takes a whole number from ${min} to ${max}, not '${text}'`);
  };
  const servers = values.get('--servers') ?? 'slotmesh';
  const kind = KINDS.get(servers);
  if (kind === undefined) {
    throw new UsageError(`--servers takes slotmesh or redis, not '${servers}'`);
  }
  return {
    ...{ kind, directives, wait: values.has('--wait') },
    libraries: !values.has('--no-libraries'),
    minutes: values.has('--minutes') ? number('--minutes', 1, 1, 100_000) : null,
    rounds: number('--rounds', values.has('--minutes') ? 1_000_000 : 20, 1, 1_000_000),
    seed: number('--seed', 1, 0, 2 ** 32 - 1),
    nodeTimeoutMs: number('--node-timeout', 2000, 500, 600_000),
    writers: number('--writers', 20, 1, 1000),
  };
}

const VALUED = new Set([
  ...['--rounds', '--minutes', '--servers', '--seed', '--node-timeout', '--writers'],
  '--directive',
]);
const FLAGS = new Set(['--wait', '--no-libraries']);
