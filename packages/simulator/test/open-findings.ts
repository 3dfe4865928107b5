// Runs that are known to fail and are not settled yet: what fails, and what is known of it. The search
// of the tests asks that each still fails as is said here, so that the list stays true, and that no other
// run does.

import type { Settings } from '../src/settings.ts';

export interface OpenFinding {
  readonly seed: number;
  readonly settings: Settings;
  /** The invariant that is broken. */
  readonly invariant: string;
  /** What is known of it. */
  readonly known: string;
}

export const OPEN_FINDINGS: readonly OpenFinding[] = [];
