// Mutants of failure detection: who counts, for how long, and when it is over.

import type { Mutant } from './mutant.ts';
import { CUT, CUT_WITH_EMPTY } from './settings.ts';

export const FAILURES: readonly Mutant[] = [
  {
    name: 'empty-primary-counts-itself',
    source: 'S16, valkey#634',
    breaks: 'A primary without slots counts its own word towards fail, and is not in the quorum.',
    edits: [
      {
        file: 'gossip/src/failure.ts',
        find: 'const own = topology.isVoter(topology.self) ? 1 : 0;',
        replace: 'const own = topology.isPrimary(topology.self) ? 1 : 0;',
      },
    ],
    options: CUT_WITH_EMPTY,
    foundBy: ['A15'],
    seedsMean: 1.4,
    seedsMax: 10,
  },
  {
    name: 'reports-of-empty-primaries',
    source: 'S16, valkey#634',
    breaks: 'Reports of primaries without slots count towards fail.',
    edits: [
      {
        file: 'gossip/src/failure.ts',
        find: 'if (!topology.isVoter(reporter)) return;',
        replace: 'if (!topology.isPrimary(reporter)) return;',
      },
      {
        file: 'topology/src/topology.ts',
        find: 'if (!this.isVoter(reporter)) reports.delete(reporter);',
        replace: 'if (!this.isPrimary(reporter)) reports.delete(reporter);',
      },
    ],
    options: CUT_WITH_EMPTY,
    foundBy: ['A15'],
    seedsMean: 1.2,
    seedsMax: 10,
  },
  {
    name: 'half-is-a-majority',
    source: 'safety rule A15: quorum of an even number of voters',
    breaks: 'With four voters, two of them make a node failed: both halves of a cut do.',
    edits: [
      {
        file: 'gossip/src/failure.ts',
        find: '+ own < topology.census.majority) return;',
        replace: '+ own < Math.ceil(topology.census.voters / 2)) return;',
      },
    ],
    options: CUT,
    foundBy: ['A15'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'fail-by-one-voice',
    source: 'specification, "Failure detection"',
    breaks: 'One report is enough to make a node failed.',
    edits: [
      {
        file: 'gossip/src/failure.ts',
        find: '+ own < topology.census.majority) return;',
        replace: '+ own < Math.min(topology.census.majority, 2)) return;',
      },
    ],
    options: CUT,
    foundBy: ['A15'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'reports-never-expire',
    source: 'S14, redis#2285',
    breaks: 'Reports from long ago, that nobody took back, make a node failed.',
    edits: [
      {
        file: 'gossip/src/limits.ts',
        find: 'export const REPORT_VALIDITY_MULTIPLIER = 2;',
        replace: 'export const REPORT_VALIDITY_MULTIPLIER = 1e9;',
      },
    ],
    options: CUT,
    foundBy: ['A15'],
    seedsMean: 18.2,
    seedsMax: 75,
  },
  {
    name: 'fail-never-cleared',
    source: 'S23, redis#8057',
    breaks: 'A failed primary that is back, and that nobody replaced, stays failed for ever.',
    edits: [
      {
        file: 'gossip/src/failure.ts',
        find: 'if (topology.isVoter(node) && sinceMs <= undoMs) return;',
        replace: 'if (topology.isVoter(node)) return;',
      },
    ],
    options: CUT,
    foundBy: ['L1'],
    seedsMean: 1.2,
    seedsMax: 10,
  },
  {
    name: 'pfail-and-fail',
    source: 'S24, valkey#2012',
    breaks: 'A node that becomes failed stays pfail: both flags are shown.',
    edits: [
      {
        file: 'topology/src/topology.ts',
        find: 'this.setStatus(node, StatusBit.pfail, false);\n    if (this.setStatus(node, StatusBit.fail, true))',
        replace: 'if (this.setStatus(node, StatusBit.fail, true))',
      },
    ],
    options: CUT,
    foundBy: ['A9', 'error'],
    seedsMean: 1.2,
    seedsMax: 10,
  },
];
