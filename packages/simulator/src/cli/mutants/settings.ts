// Options in which mutants are looked for: few sets, so that one search with the unchanged rules
// stands for many mutants, and with faults that are set, so that a new kind of fault changes nothing.

import type { FaultSetting, SimulationOptions } from '../../options.ts';

export type Options = Partial<SimulationOptions>;

const CRASHES: FaultSetting = {
  name: 'crash',
  everyMs: 2000,
  options: { powerLoss: 0.5, nodesMax: 2, timeoutsMax: 2 },
};

const CUTS: FaultSetting = {
  name: 'partition',
  everyMs: 4000,
  options: { modes: ['isolate', 'halves', 'bridge', 'oneWay'], timeoutsMax: 3 },
};

const PAUSES: FaultSetting = {
  name: 'pause',
  everyMs: 2000,
  options: { nodesMax: 2, timeoutsMax: 2 },
};

const RESETS: FaultSetting = {
  name: 'reset',
  everyMs: 500,
  options: { connectionsMax: 5, halfOpen: 0.3 },
};

const NO_OPERATORS = { actions: [], everyMs: 1000, stepMs: 100, interruption: 0 };

/** A small cluster that knows itself from the start, and forgets bans soon. */
const SMALL: Options = {
  nodes: 6,
  voters: 6,
  start: 'files',
  faultyMs: 30_000,
  codec: false,
  cluster: { nodeTimeoutMs: 1500, lease: true, requireFullCoverage: false, blacklistTtlS: 5 },
  faults: [],
  operators: NO_OPERATORS,
  workloads: [],
};

/** Nodes are cut off, come back, and stand still. */
export const CUT: Options = { ...SMALL, faults: [CUTS, PAUSES] };

/** The same, with nodes that own nothing. */
export const CUT_WITH_EMPTY: Options = { ...CUT, nodes: 7, voters: 4 };

/** The same, while clients write. */
export const WRITTEN: Options = {
  ...CUT,
  nodes: 5,
  voters: 5,
  workloads: [{ name: 'writes', everyMs: 10, options: { slots: 64 } }],
};

/** Processes and machines end and come back. */
export const CRASHED: Options = { ...SMALL, faults: [CRASHES] };

/** Operators at work while processes end and connections break. */
export function operated(everyMs: number, ...actions: string[]): Options {
  return {
    ...SMALL,
    faults: [CRASHES, RESETS],
    operators: { actions, everyMs, stepMs: 200, interruption: 0.1 },
  };
}
