// Draws a run from its seed, swarm-style: each run has some of the faults and not others, one wild and
// another rare, because what all of them together hide, two of them alone may show. Each option is
// drawn from a stream of its own: setting one by hand leaves the others as they were.

import type { Fault } from './faults/fault.ts';
import type {
  Assumption,
  FaultSetting,
  OperatorSetting,
  ReplicationSetting,
  SimulationOptions,
  WorkloadSetting,
} from './options.ts';
import { type Dice, stream } from './random.ts';
import { REGISTRY, type Registry } from './registry.ts';
import type { Workload } from './workload/workload.ts';

/** How long the faulty phase of a run lasts unless told otherwise: with it, a run has about 120 s. */
export const FAULTY_MS = 60_000;

/** The options of that seed, but for those that are given. `mayReplicate`: false = nobody has replicas in the beginning. */
export function optionsOf(
  seed: number,
  overrides: Partial<SimulationOptions> = {},
  registry: Registry = REGISTRY,
  mayReplicate = true,
): SimulationOptions {
  const draw = (name: string): Dice => stream(seed, `options/${name}`);
  const nodes = overrides.nodes ?? drawNodes(draw('nodes'));
  const hasReplicas = mayReplicate && overrides.voters === undefined;
  const perPrimary = hasReplicas ? drawReplicas(draw('replicas')) : 0;
  const withReplicas = Math.max(1, Math.ceil(nodes / (1 + perPrimary)));
  const cluster = overrides.cluster ?? drawCluster(draw('cluster'));
  const beyond = overrides.beyond ?? drawBeyond(draw('beyond'));
  // Few of the faults, or most of them.
  const share = draw('faults').logarithmic(0.05, 0.7);
  const drawn: SimulationOptions = {
    seed,
    nodes,
    cluster,
    voters:
      perPrimary > 0
        ? withReplicas
        : Math.max(1, nodes - (draw('voters').chance(0.3) ? draw('empty').below(nodes) : 0)),
    replication: drawReplication(draw('replication'), perPrimary > 0 ? nodes - withReplicas : 0),
    start: draw('start').chance(0.5) ? 'meet' : 'files',
    faultyMs: FAULTY_MS,
    // What a hostile sender says must be something that the wire can say.
    codec: draw('codec').chance(0.1) || beyond.includes('bus'),
    delay: drawDelay(draw('delay'), cluster.nodeTimeoutMs),
    clockRate: drawClockRate(draw('clockRate')),
    disk: { minMs: draw('disk').between(0, 5), meanMs: draw('disk mean').logarithmic(0.5, 50) },
    beyond,
    faults: registry.faults
      .filter(({ name, breaks }) => {
        if (!draw(`fault/${name}`).chance(share)) return false;
        return breaks === undefined || beyond.includes(breaks);
      })
      .map((fault) => drawFault(seed, fault)),
    operators: drawOperators(draw('operators'), registry),
    workloads: registry.workloads
      .filter(({ name }) => draw(`workload/${name}`).chance(0.7))
      .map((workload) => drawWorkload(seed, workload)),
    masked: [],
  };
  return { ...drawn, ...overrides };
}

/** How wild a fault is in the run of that seed, if it is in it. */
export function drawFault(seed: number, fault: Fault): FaultSetting {
  const dice = stream(seed, `options/fault/${fault.name}/setting`);
  const { name, everyMs } = fault;
  const every = everyMs === null ? 0 : Math.round(dice.logarithmic(everyMs.min, everyMs.max));
  return { name, everyMs: every, options: fault.draw(dice) };
}

/** How busy clients of that kind are in the run of that seed, if they are in it. */
export function drawWorkload(seed: number, workload: Workload): WorkloadSetting {
  const dice = stream(seed, `options/workload/${workload.name}/setting`);
  const { name, everyMs } = workload;
  const every = Math.round(dice.logarithmic(everyMs.min, everyMs.max));
  return { name, everyMs: every, options: workload.draw(dice) };
}

/** Mostly small clusters: what goes wrong needs few, and few are fast. */
function drawNodes(dice: Dice): number {
  return Math.round(dice.logarithmic(2, 16));
}

/** Mostly nothing: the fewer checks a run leaves out, the more it is worth. */
function drawBeyond(dice: Dice): Assumption[] {
  const all: readonly Assumption[] = ['tcp', 'disk', 'bus'];
  return dice.chance(0.15) ? [dice.pick(all)] : [];
}

/** For each primary. */
function drawReplicas(dice: Dice): number {
  return dice.chance(0.3) ? 0 : dice.pick([1, 1, 2]);
}

/** Times that let something happen within a run. */
function drawReplication(dice: Dice, replicas: number): ReplicationSetting {
  const timeoutMs = Math.round(dice.logarithmic(2000, 60_000));
  return {
    replicas,
    saveEveryMs: dice.chance(0.4) ? 0 : Math.round(dice.logarithmic(500, 20_000)),
    shutdownTimeoutMs: 10_000,
    machine: {
      backlogBytes: Math.round(dice.logarithmic(200, 1024 * 1024)),
      disklessSync: dice.chance(0.7),
      disklessSyncDelayMs: dice.chance(0.5) ? 0 : Math.round(dice.logarithmic(100, 5000)),
      disklessLoad: dice.chance(0.3),
      timeoutMs,
      pingPeriodMs: Math.round(dice.logarithmic(300, timeoutMs / 3)),
      outputHardBytesMax: dice.chance(0.3) ? Math.round(dice.logarithmic(1000, 100_000)) : 0,
      outputSoftBytesMax: 0,
      backlogTtlMs: dice.chance(0.3) ? Math.round(dice.logarithmic(1000, 60_000)) : 0,
    },
  };
}

function drawCluster(dice: Dice): SimulationOptions['cluster'] {
  return {
    nodeTimeoutMs: Math.round(dice.logarithmic(1000, 15_000)),
    lease: dice.chance(0.8),
    requireFullCoverage: dice.chance(0.7),
    blacklistTtlS: dice.between(5, 60),
    stallGuard: dice.chance(0.85),
    electionStrategy: dice.chance(0.5) ? 'redis' : 'valkey9',
    replicaValidityFactor: dice.pick([0, 1, 10, 10]),
    allowReplicaMigration: dice.chance(0.7),
    migrationBarrier: dice.between(0, 2),
    replPingPeriodMs: Math.round(dice.logarithmic(500, 10_000)),
  };
}

/** A round trip takes a small part of the node timeout, or the network itself is the fault. */
function drawDelay(dice: Dice, nodeTimeoutMs: number): SimulationOptions['delay'] {
  const meanMs = dice.logarithmic(0.2, nodeTimeoutMs / 100);
  return { minMs: Math.round(dice.fraction() * meanMs), meanMs };
}

function drawClockRate(dice: Dice): SimulationOptions['clockRate'] {
  const spread = dice.chance(0.5) ? 0.001 : dice.logarithmic(0.001, 0.1);
  return { min: 1 - spread, max: 1 + spread };
}

function drawOperators(dice: Dice, { operators }: Registry): OperatorSetting {
  const names = operators.map((action) => action.name);
  return {
    actions: dice.chance(0.6) ? dice.sample(names, dice.between(1, names.length)) : [],
    everyMs: Math.round(dice.logarithmic(1000, 30_000)),
    stepMs: Math.round(dice.logarithmic(1, 2000)),
    interruption: dice.chance(0.5) ? 0 : dice.fraction() * 0.3,
  };
}
