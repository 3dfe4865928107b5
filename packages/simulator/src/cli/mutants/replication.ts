// Mutants of replication, and of what elections are told of it.

import type { Mutant } from './mutant.ts';
import { ELECTED, HANDED_OVER, REPLICATED, RESTARTED } from './settings.ts';

export const REPLICATION: readonly Mutant[] = [
  {
    name: 'second-id-without-end',
    source: 'S62; redis#4407',
    breaks:
      'A promoted replica lets others go on in its former history beyond the point at which it left it.',
    edits: [
      {
        file: 'replication/src/history.ts',
        find: "if (from > this.secondOffset) return 'secondIdEnded';",
        replace: '',
      },
    ],
    options: HANDED_OVER,
    foundBy: ['A12', 'A13', 'error'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'second-id-off-by-one',
    source: 'S62',
    breaks: 'The second id counts one byte too far.',
    edits: [
      {
        file: 'replication/src/history.ts',
        find: 'this.secondId = this.id; this.secondOffset = this.offset + 1; this.id = randomId(this.#random);',
        replace:
          'this.secondId = this.id; this.secondOffset = this.offset + 38; this.id = randomId(this.#random);',
      },
    ],
    options: HANDED_OVER,
    foundBy: ['A12', 'A13', 'error'],
    seedsMean: 1,
    seedsMax: 10,
  },
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
    name: 'promotion-keeps-id',
    source: 'S62; redis#4268',
    breaks: 'A promotion goes on in the history of the former primary.',
    edits: [
      {
        file: 'replication/src/history.ts',
        find: 'this.secondId = this.id; this.secondOffset = this.offset + 1; this.id = randomId(this.#random);',
        replace: '',
      },
    ],
    options: HANDED_OVER,
    foundBy: ['A12', 'A13', 'error', 'Q5'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'offset-of-former-primary',
    source: 'S10; valkey#885',
    breaks:
      'A replica that follows another primary goes by the offset that it had with the former one.',
    edits: [
      {
        file: 'simulator/src/world/replication-facts.ts',
        find: 'return facts().link?.isSynced === true ? machine.offset : 0;',
        replace: 'return machine.offset;',
      },
      {
        file: 'simulator/src/world/replication-facts.ts',
        find: 'return link === null || link.dataAgeMs === Number.POSITIVE_INFINITY ? null : -link.dataAgeMs;',
        replace: 'return link === null ? null : link.lastInteractionMs;',
      },
    ],
    options: ELECTED,
    foundBy: ['C3'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'acked-before-applied',
    source: 'C4',
    breaks: 'A replica acknowledges what it has received, and not what it has executed.',
    edits: [
      {
        file: 'replication/src/primary-link.ts',
        find: 'const { offset } = this.#context.history; this.#send(encodeCommand',
        replace: 'const offset = this.#context.history.offset + 200; this.#send(encodeCommand',
      },
    ],
    options: REPLICATED,
    foundBy: ['C4', 'C3', 'error'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'acks-counted-twice',
    source: 'C4; redis counts connections',
    breaks: 'WAIT counts a replica once for each of its connections.',
    edits: [
      {
        file: 'replication/src/replica-table.ts',
        find: 'if (!isKnown) count++;',
        replace: 'count++;',
      },
    ],
    options: REPLICATED,
    foundBy: ['C4'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'transaction-cut',
    source: 'C7',
    breaks: 'Half of a transaction counts as applied when the link breaks in it.',
    edits: [
      {
        file: 'simulator/src/world/replicator.ts',
        find: 'else this.#group.push(change);',
        replace: 'else this.data.apply(change);',
      },
    ],
    options: REPLICATED,
    foundBy: ['A12', 'C7'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'empty-primary-serves',
    source: 'S64; kubeblocks#10753',
    breaks:
      'A primary that has lost its data is back at once, and its replicas follow it into that.',
    edits: [
      {
        file: 'cluster-core/src/own-data.ts',
        find: 'return recoverySilenceMsMax(nodeTimeoutMs);',
        replace: 'return 0;',
      },
    ],
    options: RESTARTED,
    foundBy: ['D7'],
    seedsMean: 1,
    seedsMax: 10,
  },
];
