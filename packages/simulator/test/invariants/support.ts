// Runs in which somebody breaks a rule on purpose.

import {
  INVARIANTS,
  optionsOf,
  REGISTRY,
  type RunResult,
  type SimNode,
  Simulation,
  type SimulationOptions,
  type World,
} from '../../src/index.ts';

/** Four nodes that know each other, three of them voters, and nobody who disturbs them. */
export const QUIET: Partial<SimulationOptions> = {
  nodes: 4,
  voters: 3,
  start: 'files',
  faultyMs: 15_000,
  codec: false,
  beyond: [],
  cluster: { nodeTimeoutMs: 2000, lease: true, requireFullCoverage: false, blacklistTtlS: 60 },
  delay: { minMs: 1, meanMs: 2 },
  clockRate: { min: 1, max: 1 },
  disk: { minMs: 0, meanMs: 1 },
  faults: [],
  operators: { actions: [], everyMs: 1000, stepMs: 1, interruption: 0 },
  workloads: [{ name: 'writes', everyMs: 20, options: { slots: 64, deletes: 0 } }],
};

export interface Sabotage {
  /** The rule that is broken: of the invariants it alone is asked, as one breach often breaks others. */
  readonly id: string;
  readonly options?: Partial<SimulationOptions>;
  /** Virtual time of the faulty phase. */
  readonly atMs?: number;
  /** In this phase instead, as soon as it begins. */
  readonly phase?: Simulation['phase'];
  readonly breakIt: (world: World, nodes: readonly SimNode[]) => void;
}

/** A run that goes well until somebody breaks a rule. */
export function run({ id, options, atMs = 5000, phase, breakIt }: Sabotage): RunResult {
  const invariants = INVARIANTS.filter((one) => one.id === id);
  const registry = { ...REGISTRY, invariants };
  const simulation = new Simulation(optionsOf(1, { ...QUIET, ...options }), { registry });
  const { world } = simulation;
  while (simulation.phase === 'forming') simulation.advance(1);
  const sinceMs = world.nowMs;
  const isTime = (): boolean =>
    phase === undefined ? world.nowMs - sinceMs >= atMs : simulation.phase === phase;
  while (!isTime() && simulation.advance(1)) {
    // Nothing is wrong yet.
  }
  breakIt(world, world.nodes);
  return simulation.run();
}

/** A rule that is broken, and what is said then. */
export type Breach = Sabotage & { readonly what: string; readonly says: RegExp };

/** Replaces a member of a node's own object. */
export function patch<T extends object, K extends keyof T>(
  object: T,
  member: K,
  by: unknown,
): void {
  Object.defineProperty(object, member, { value: by });
}
