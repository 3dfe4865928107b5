// Mutants of the write lease and of the cluster's state.

import type { Mutant } from './mutant.ts';
import { WRITTEN } from './settings.ts';

export const LEASE: readonly Mutant[] = [
  {
    name: 'lease-by-receive-time',
    source: 'rule A10: the lease counts from when a PING was sent',
    breaks: 'An answer that came late is taken for a young one.',
    edits: [
      {
        file: 'gossip/src/receive.ts',
        find: 'topology.setPingAnswered(node, sentMs);',
        replace: 'topology.setPingAnswered(node, nowMs);',
      },
    ],
    options: WRITTEN,
    foundBy: ['A10', 'A11'],
    seedsMean: 2.4,
    seedsMax: 10,
  },
  {
    name: 'lease-of-a-minority',
    source: 'rule A10',
    breaks: 'The lease is open with one answer less than a majority.',
    edits: [
      {
        file: 'cluster-core/src/lease.ts',
        find: 'const needed = topology.census.majority - own;',
        replace: 'const needed = topology.census.majority - 1 - own;',
      },
    ],
    options: WRITTEN,
    foundBy: ['A10', 'A11'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'lease-too-long',
    source: 'K1: real primaries acknowledge for up to 1.5 node timeouts',
    breaks: 'The lease is open for half a node timeout longer than voters wait.',
    edits: [
      {
        file: 'cluster-core/src/lease.ts',
        find: 'nodeTimeoutMs * CLOCK_RATE_SAFETY;',
        replace: 'nodeTimeoutMs * 1.5;',
      },
    ],
    options: WRITTEN,
    foundBy: ['A10'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'lease-survives-stall',
    source: 'rule A11: a stopped primary acknowledged 140 of 160 writes that were lost',
    breaks: 'A process that stood still goes on writing by answers from before.',
    edits: [
      {
        file: 'gossip/src/tick.ts',
        find: 'this.stalledUntilMs = nowMs;',
        replace: '',
      },
    ],
    options: WRITTEN,
    foundBy: ['A11'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'heard-is-answered',
    source: 'rule A10: in a cut one way the lease never ends',
    breaks: 'Whatever comes from a voter keeps the lease, not only its answers.',
    edits: [
      {
        file: 'gossip/src/header.ts',
        find: 'topology.setDataReceived(sender, nowMs);',
        replace:
          'topology.setDataReceived(sender, nowMs);\n  topology.setPingAnswered(sender, nowMs);',
      },
    ],
    options: WRITTEN,
    foundBy: ['A10', 'A11'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'votes-expire',
    source: 'found by the soak: a winner whose disk was slow; the peers know no lease',
    breaks: 'Two node timeouts after a vote its primary is answered as before, whoever has won.',
    edits: [
      {
        file: 'gossip/src/counted-answer.ts',
        find: 'topology.configEpochOf(node) < topology.votedEpoch(node) && topology.isPrimary(node);',
        replace: 'context.nowMs - topology.votedMs(node) <= 2 * context.options.nodeTimeoutMs;',
      },
    ],
    script: 'failover-unheard-winner',
  },
];
