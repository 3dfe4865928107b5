// What every job of the command line works with.

import type { SimulationOptions } from '../options.ts';
import type { Settings } from '../settings.ts';
import { type Arguments, UsageError } from './arguments.ts';
import type { Output } from './output.ts';

export interface Context {
  readonly output: Output;
  readonly given: Arguments;
  readonly settings: Settings;
  /** Options that the mutant has, if there is one. */
  readonly base: Partial<SimulationOptions>;
  /** The rules have this known bug; null: they are the real ones. */
  readonly mutant: string | null;
}

/** How the launcher says which mutant the rules beside us have. */
const MUTANT_VARIABLE = 'SLOTMESH_MUTANT';

interface MutantNote {
  readonly name: string;
  readonly options: Partial<SimulationOptions>;
}

/** Throws UsageError where a mutant is asked for, and these rules are not its. */
export function contextOf(output: Output, given: Arguments): Context {
  const note = process.env[MUTANT_VARIABLE];
  const mutant = note === undefined ? null : (JSON.parse(note) as MutantNote);
  if (mutant === null && given.mutant !== null) {
    throw new UsageError(`--mutant: 'npm run simulate' makes the rules with that bug`);
  }
  const { settings } = given;
  return { output, given, settings, base: mutant?.options ?? {}, mutant: mutant?.name ?? null };
}
