// How a mutant is written: plain data. A mutant is a real bug, of a peer or of a design that somebody
// ran, put back into a copy of today's rules, to see that the search would have found it. The rules
// themselves know nothing of mutants.

import type { SimulationOptions } from '../../options.ts';

/** One change of one module. */
export interface Edit {
  /** From `packages/`: 'gossip/src/failure.ts'. What is changed is a copy of what it was built to. */
  readonly file: string;
  /**
   * As in the source, but without types; white space may differ. It is there exactly once, or the
   * mutant does not apply and fails loudly.
   */
  readonly find: string;
  /** JavaScript. */
  readonly replace: string;
}

interface Bug {
  /** As on the command line. */
  readonly name: string;
  /** Where such a bug was seen, or the rule that it breaks: 'valkey#634'. */
  readonly source: string;
  /** One sentence. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
}

/** The search finds it. */
export interface SearchedMutant extends Bug {
  /** It is looked for in runs of the seeds 1, 2, 3... with these options; all others are drawn. */
  readonly options: Partial<SimulationOptions>;
  /** The checks that catch it: ids of invariants, 'L1', or 'error' where the rules themselves stop. */
  readonly foundBy: readonly string[];
  /** Seeds that a search needs on average; measured by searches that begin at different seeds. */
  readonly seedsMean: number;
  /** It is found by then when the search begins at seed 1. */
  readonly seedsMax: number;
}

/** It takes something that happens too rarely for a search: a script tells it. */
export interface ScriptedMutant extends Bug {
  /** Of `scripts/`: 's26-lost-meet'. What it expects does not come. */
  readonly script: string;
}

export type Mutant = SearchedMutant | ScriptedMutant;

export function isScripted(mutant: Mutant): mutant is ScriptedMutant {
  return 'script' in mutant;
}
