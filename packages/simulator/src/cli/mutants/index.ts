// The table of mutants.

import { MutantError } from './build.ts';
import { ELECTIONS } from './elections.ts';
import { EPOCHS } from './epochs.ts';
import { FAILURES } from './failures.ts';
import { LEASE } from './lease.ts';
import { MEMBERSHIP } from './membership.ts';
import type { Mutant } from './mutant.ts';
import { REPLICATION } from './replication.ts';
import { STORAGE } from './storage.ts';

export { buildMutant, type MutantBuild, MutantError } from './build.ts';
export { isScripted, type Mutant } from './mutant.ts';

export const MUTANTS: readonly Mutant[] = [
  ...FAILURES,
  ...MEMBERSHIP,
  ...EPOCHS,
  ...LEASE,
  ...STORAGE,
  ...ELECTIONS,
  ...REPLICATION,
];

/** The mutant of that name. Throws {@link MutantError}. */
export function findMutant(name: string): Mutant {
  const mutant = MUTANTS.find((one) => one.name === name);
  if (mutant !== undefined) return mutant;
  const names = MUTANTS.map((one) => one.name).join(', ');
  throw new MutantError('NO_SUCH_MUTANT', `there is no mutant '${name}'; there are ${names}`);
}
