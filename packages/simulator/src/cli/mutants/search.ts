// Looks for a mutant: builds it, lets a thread run seeds until one fails, and takes the build away.

import type { SeedOutcome } from '../../run-seed.ts';
import { runPool } from '../pool.ts';
import { buildMutant, realBuild } from './build.ts';
import type { Mutant } from './mutant.ts';

export interface Search {
  readonly firstSeed: number;
  readonly seedsMax: number;
}

/** What a search came to. */
export interface Found {
  /** How many were run; the last of them failed, if any did. */
  readonly seeds: number;
  readonly simulatedMs: number;
  readonly elapsedMs: number;
  readonly failed: SeedOutcome | null;
}

/**
 * Runs seeds with the options of a mutant, up to the first that fails, with its bug or, as a
 * comparison, without any. Throws MutantError where the mutant does not apply.
 */
export async function searchMutant(
  mutant: Mutant,
  { firstSeed, seedsMax }: Search,
  rules: 'mutated' | 'real' = 'mutated',
): Promise<Found> {
  const startMs = performance.now();
  const build = rules === 'mutated' ? buildMutant(mutant) : realBuild();
  let seed = firstSeed;
  let simulatedMs = 0;
  let seeds = 0;
  let failed: SeedOutcome | null = null;
  try {
    await runPool({
      worker: build.worker,
      jobs: 1,
      next: () => {
        const isOver = seed === firstSeed + seedsMax;
        return isOver ? null : { seed: seed++, settings: {}, base: mutant.options };
      },
      done: (outcome) => {
        seeds++;
        simulatedMs += outcome.simulatedMs;
        if (outcome.failure !== null) failed = outcome;
        return outcome.failure === null;
      },
    });
  } finally {
    build.remove();
  }
  return { seeds, simulatedMs, elapsedMs: performance.now() - startMs, failed };
}
