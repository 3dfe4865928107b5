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

const SWAPS: FaultSetting = { name: 'swap-addresses', everyMs: 4000, options: { timeoutsMax: 1 } };

const STRANGERS: FaultSetting = {
  name: 'strangers',
  everyMs: 2000,
  options: { nodes: 3, timeoutsMax: 2 },
};

const DAMAGE: FaultSetting = { name: 'damage', everyMs: 5000, options: { flip: 0.5 } };

const COPIES: FaultSetting = {
  name: 'swapped-files',
  everyMs: 10_000,
  options: { copy: 1, timeoutsMax: 5 },
};

const LIES: FaultSetting = { name: 'forged-messages', everyMs: 300, options: { messagesMax: 10 } };

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

/** Operators at work while processes end and connections break. */
export function operated(everyMs: number, ...actions: string[]): Options {
  return {
    ...SMALL,
    faults: [CRASHES, RESETS],
    operators: { actions, everyMs, stepMs: 200, interruption: 0.1 },
  };
}

/** Files are spoiled. */
export const DAMAGED: Options = { ...SMALL, faults: [DAMAGE] };

/** Nodes are started from copies of others' files. */
export const COPIED: Options = { ...SMALL, faults: [COPIES], beyond: ['disk'] };

/** Somebody on the bus lies. */
export const LIED_TO: Options = {
  ...operated(1000, 'bumpepoch'),
  faults: [LIES],
  beyond: ['bus'],
  codec: true,
};

/** Three nodes are cut off, and others get their addresses, while clients write. */
export const TAKEN_FOR_ANOTHER: Options = {
  ...WRITTEN,
  nodes: 3,
  voters: 3,
  faults: [STRANGERS, SWAPS, CUTS],
};

/** Machines lose their power while something is being saved. */
export const SAVING: Options = {
  ...operated(300, 'bumpepoch'),
  faults: [CRASHES],
  disk: { minMs: 5, meanMs: 50 },
};

const REPLICATION_CUTS: FaultSetting = {
  name: 'replication-cut',
  everyMs: 2000,
  options: { modes: ['isolate', 'pair', 'oneWay'], timeoutsMax: 2 },
};

const DATA_LOST: FaultSetting = { name: 'lost-data', everyMs: 5000, options: { timeoutsMax: 0.3 } };

/** Three primaries with a replica each while clients write, in transactions as well, and wait for replicas. */
export const REPLICATED: Options = {
  ...SMALL,
  nodes: 6,
  voters: 3,
  replication: {
    ...{ replicas: 3, saveEveryMs: 3000, shutdownTimeoutMs: 10_000 },
    machine: {
      ...{ backlogBytes: 16_384, disklessSyncDelayMs: 0, timeoutMs: 3000, pingPeriodMs: 1000 },
    },
  },
  workloads: [
    {
      name: 'writes',
      everyMs: 10,
      options: { slots: 64, groups: 0.2, waits: 0.3, waitReplicas: 2, waitMs: 1000 },
    },
    { name: 'reads', everyMs: 50, options: { slots: 64, readonlyClients: 0.5 } },
  ],
  faults: [REPLICATION_CUTS, RESETS, PAUSES],
};

/** The same, while primaries are cut off and end, so that replicas are elected. */
export const ELECTED: Options = {
  ...REPLICATED,
  nodes: 9,
  replication: { ...(REPLICATED.replication as SimulationOptions['replication']), replicas: 6 },
  clockRate: { min: 0.999, max: 1.001 },
  faults: [CUTS, CRASHES, REPLICATION_CUTS],
};

/** The same, while operators hand primaries over. */
export const HANDED_OVER: Options = {
  ...ELECTED,
  operators: { actions: ['failover'], everyMs: 800, stepMs: 50, interruption: 0 },
  faults: [REPLICATION_CUTS, CUTS],
};

/** The same, while processes end and are back at once, some of them without their data. */
export const RESTARTED: Options = {
  ...HANDED_OVER,
  faults: [
    { name: 'crash', everyMs: 500, options: { powerLoss: 0.3, nodesMax: 3, timeoutsMax: 0.05 } },
    DATA_LOST,
  ],
};
