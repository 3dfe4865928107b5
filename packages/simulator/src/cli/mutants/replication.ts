// Mutants of replication, and of what elections are told of it.

import type { Mutant } from './mutant.ts';
import { REPLICATED } from './settings.ts';

export const REPLICATION: readonly Mutant[] = [
  {
    name: 'backlog-off-by-one',
    source: 'PSYNC',
    breaks: 'A replica that was away is sent the stream from one byte too early.',
    edits: [
      {
        file: 'replication/src/primary-side.ts',
        find: 'replica.sentOffset = offset - 1;',
        replace: 'replica.sentOffset = Math.max(offset - 2, 0);',
      },
    ],
    options: REPLICATED,
    foundBy: ['A12', 'A13', 'error', 'Q5'],
    seedsMean: 1,
    seedsMax: 10,
  },
];
