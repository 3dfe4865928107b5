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

export const REGRESSIONS: readonly Regression[] = [
  {
    seed: 141,
    settings: {
      ...{ faultyMs: 3750, start: 'files', workloads: ['writes'], operators: [] },
      ...{ faults: ['partition', 'strangers', 'wall-jump'], masked: ['strangers#2'] },
    },
    what: 'A10: near 1970, a lease that nobody had answered for was open',
  },
  {
    seed: 121,
    settings: {
      ...{ nodes: 3, faultyMs: 15_937, faults: [], workloads: ['publishes'] },
      operators: ['del-node', 'add-node'],
      masked: ['operator#2', 'operator#3', 'operator#4', 'operator#8', 'operator#9'],
    },
    what: 'L6: FORGET given a second time said OK, and the ban ended with the first one',
  },
  {
    seed: 236,
    settings: { faultyMs: 12_000 },
    what: 'A10: near 1970, a lease that nobody had answered for was open, as in 141',
  },
  {
    seed: 1194,
    settings: { faultyMs: 49_500 },
    what: 'L6: FORGET given a second time said OK, as in 121',
  },
  {
    seed: 683,
    settings: { faultyMs: 10_000 },
    what: 'S31: whoever answered at the address of a MEET was taken in, of another cluster or not',
  },
  {
    seed: 193,
    settings: {
      ...{ nodes: 2, faultyMs: 13_125, start: 'files', faults: ['strangers'], workloads: [] },
      operators: ['meet', 'forget', 'set-timeout'],
      masked: [
        ...['operator#1', 'operator#3', 'operator#4', 'operator#5', 'operator#6', 'operator#7'],
        ...['operator#8', 'operator#9', 'operator#11', 'operator#12', 'operator#13'],
        'strangers#1',
      ],
    },
    what: 'S31: a MEET that was owed to a member went to who had its address by then',
  },
  {
    seed: 71,
    settings: { faultyMs: 120_000 },
    what: 'L1: lost slots were told of under a newer config epoch, until nobody claimed them',
  },
  {
    seed: 1008,
    settings: { faultyMs: 60_000 },
    what: 'C4: WAIT counted a replica twice that had come back while its former connection seemed alive',
  },
  {
    seed: 3042,
    settings: { faultyMs: 60_000 },
    what: 'Q5: a snapshot larger than the output limit was never sent to its end',
  },
  {
    seed: 2087,
    settings: { faultyMs: 60_000 },
    what: 'C3: a replica that was started without data, and never in step since, was elected',
  },
  {
    seed: 1011,
    settings: { faultyMs: 60_000 },
    what: 'B1: a shard was asked for where nodes had got other ids (the check asked too much)',
  },
  {
    seed: 2021,
    settings: { faultyMs: 60_000 },
    what: 'L1: a node was taken for at rest that kept silent, without its data (the check looked too early)',
  },
  {
    seed: 217,
    settings: { faultyMs: 120_000 },
    what: 'C4: WAIT counted a replica twice that had come back at another address',
  },
  {
    seed: 237,
    settings: { faultyMs: 120_000 },
    what: 'D7: a data file without a key, of a history that had not begun, was taken for data',
  },
  {
    seed: 239,
    settings: { faultyMs: 120_000 },
    what: 'A14, then Q8: keys of a slot that an operator took away, at a replica that was promoted',
  },
  {
    seed: 100,
    settings: { faultyMs: 60_000 },
    what: 'Q5: a connection was taken by a node that had left the address (a bug of the network)',
  },
  {
    seed: 52_041,
    settings: {},
    what: 'L1: a handshake was over before its first try, where the first tick after a MEET came late',
  },
  {
    seed: 100_258,
    settings: {},
    what: 'L1: nodes that came back with older files waited for each other, as replicas of each other',
  },
  {
    seed: 100_673,
    settings: {},
    what: 'B1: what a slow reader had not read came late when it was fast again (a bug of the network)',
  },
  {
    seed: 101_131,
    settings: {},
    what: 'C3: BUMPEPOCH at an owner that had not heard of its successor (the check did not see an order in it)',
  },
  {
    seed: 101_209,
    settings: {},
    what: 'L1: a node that moved asked at its old address, by a former, longer node timeout, when all were at rest',
  },
  {
    seed: 101_943,
    settings: {},
    what: 'C4: what WAIT counted came with a snapshot of a later history (the check did not connect the two)',
  },
  {
    seed: 102_033,
    settings: {},
    what: 'C4: the same, with a history between the two',
  },
  {
    seed: 200_133,
    settings: {},
    what: 'L6: a MEET that was under way when a FORGET of the same node came brought it back',
  },
  {
    seed: 300_280,
    settings: {},
    what: 'A15: who votes changed in the batch in which a node was failed (the check knew only the end of it)',
  },
  {
    seed: 300_415,
    settings: {},
    what: 'A15: two FAIL messages of one node about another in one batch (the check knew of one)',
  },
  {
    seed: 400_730,
    settings: {},
    what: 'L1: a node that moved asked for a twin where it had been, and was not taken for at rest (the check)',
  },
  {
    seed: 500_293,
    settings: {},
    what: 'A3: what a primary wrote left when it was a replica already, whose line has no epoch of its own (the check)',
  },
  {
    seed: 500_574,
    settings: {},
    what: "A14: whoever left a circle of replicas had keys of slots that were nobody's, and did not take these",
  },
  {
    seed: 600_922,
    settings: {},
    what: 'L1: a process that waited for its replicas, to end, did so when all were at rest (the run)',
  },
  {
    seed: 702_016,
    settings: {},
    what: "L1: a former replica's config epoch was taken for its primary's by some, and theirs never went back",
  },
];
