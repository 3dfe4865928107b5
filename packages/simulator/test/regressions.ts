// Runs that once failed: each showed a bug of a package or of the simulator, which has been mended.
// The table of what was found is in docs/track-record.md. Options and draws change with the simulator,
// so an old entry is the run of a seed, and no longer exactly the run that failed: scripts tell the
// story of a bug for good.

import type { Settings } from '../src/settings.ts';

export interface Regression {
  readonly seed: number;
  readonly settings: Settings;
  /** What it was. */
  readonly what: string;
}

export const REGRESSIONS: readonly Regression[] = [];
