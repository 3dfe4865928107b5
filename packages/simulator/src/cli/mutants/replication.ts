// Mutants of replication, and of what elections are told of it.

import type { Mutant } from './mutant.ts';
import { ELECTED, REPLICATED } from './settings.ts';

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
  {
    name: 'second-id-without-end',
    source: 'PSYNC2; rule A13',
    breaks:
      'A replica that went on in the history of the former primary after its replacement is sent the rest of the new one.',
    edits: [
      {
        file: 'replication/src/history.ts',
        find: "if (from > this.secondOffset) return 'secondIdEnded';",
        replace: '',
      },
    ],
    options: ELECTED,
    foundBy: ['A12', 'A13', 'error', 'Q5'],
    seedsMean: 2,
    seedsMax: 10,
  },
  {
    name: 'promoted-in-one-history',
    source: 'S62, redis#4268; PSYNC2',
    breaks: 'A replica that is promoted goes on under the id of its former primary.',
    edits: [
      {
        file: 'replication/src/history.ts',
        find: 'this.secondOffset = this.offset + 1; this.id = randomId(this.#random);',
        replace: 'this.secondId = NO_ID; this.secondOffset = -1;',
      },
    ],
    options: ELECTED,
    foundBy: ['A12', 'A13', 'error', 'Q5'],
    seedsMean: 13,
    seedsMax: 60,
  },
  {
    name: 'wait-counts-twice',
    source: 'C4; redis-server',
    breaks:
      'A replica that came back while its former connection was dead on its side alone counts twice in WAIT.',
    edits: [
      {
        file: 'replication/src/replica-table.ts',
        find: 'if (!isKnown) count++;',
        replace: 'count++;',
      },
    ],
    options: REPLICATED,
    foundBy: ['C4'],
    seedsMean: 1.4,
    seedsMax: 10,
  },
  {
    name: 'wait-counts-unanswered',
    source: 'P13; rule C4',
    breaks: 'WAIT counts replicas that have not answered.',
    edits: [
      {
        file: 'replication/src/replica-table.ts',
        find: "return state === 'online' && ackOffset >= offset;",
        replace: "return state === 'online';",
      },
    ],
    options: REPLICATED,
    foundBy: ['C4', 'C3'],
    seedsMean: 1.5,
    seedsMax: 10,
  },
  {
    name: 'address-of-primary-kept',
    source: 'S40, valkey#965',
    breaks: 'A replica asks for its primary at the address that this had before.',
    edits: [
      {
        file: 'failover/src/failover.ts',
        find: 'if (followed?.id === id && samePlace(followed.address, address)) return;',
        replace: 'if (followed?.id === id) return;',
      },
    ],
    script: 's40-replica-finds-its-primary',
  },
];
