// One seed of a search: what came of it, as plain data that can be sent from a worker. One seed in a
// hundred is run a second time, in other batches: two runs of a seed are the same run (A18).

import type { SimulationOptions } from './options.ts';
import { REGISTRY, type Registry } from './registry.ts';
import { optionsWith, type Settings } from './settings.ts';
import { type Failure, type Phase, Simulation } from './simulation.ts';
import type { TraceSink } from './trace/trace-sink.ts';

/** {@link Failure} without what cannot be sent. */
export interface SeedFailure {
  readonly invariant: string;
  readonly message: string;
  readonly node: number;
  readonly atMs: number;
  readonly event: number;
  readonly phase: Phase;
  /** Where it was thrown, if it was no invariant. */
  readonly stack: string | null;
}

/** What came of a seed. */
export interface SeedOutcome {
  readonly seed: number;
  readonly hash: string;
  readonly nodes: number;
  readonly events: number;
  readonly messages: number;
  /** Virtual ms. */
  readonly simulatedMs: number;
  /** See RunResult; null if the run did not get there. */
  readonly convergedMs: number | null;
  readonly acknowledgedWrites: number;
  /** Of those, the ones that are gone, by cause. */
  readonly lostWrites: readonly (readonly [string, number])[];
  readonly writeOverlapMs: number;
  /** Strikes by fault, and operators' commands by kind. */
  readonly strikes: readonly (readonly [string, number])[];
  readonly commands: readonly (readonly [string, number])[];
  readonly failure: SeedFailure | null;
}

export interface RunSeedParts {
  readonly registry?: Registry;
  readonly trace?: TraceSink;
  /** Options that go before those that are drawn, and behind the settings. */
  readonly base?: Partial<SimulationOptions>;
}

/** Of the seeds, so many run twice: those that this divides. */
export const TWICE_EVERY = 100;
const BATCH = 10_000;
/** For the second time: a number that has nothing to do with the first. */
const OTHER_BATCH = 777;
/** Nodes that answer each other without end are a failure, and not a run that lasts for ever. */
const EVENTS_PER_NODE_MAX = 2_000_000;

/** Runs a seed. Throws SettingsError where the settings make no run. */
export function runSeed(seed: number, settings: Settings, parts: RunSeedParts = {}): SeedOutcome {
  const options = optionsWith(seed, settings, parts);
  const outcome = runOnce(options, parts, BATCH);
  if (seed % TWICE_EVERY !== 0 || outcome.failure !== null) return outcome;
  const { registry } = parts;
  const again = runOnce(options, registry === undefined ? {} : { registry }, OTHER_BATCH);
  if (again.hash === outcome.hash && again.failure === null) return outcome;
  return { ...outcome, failure: differentRun(outcome, again) };
}

function runOnce(options: SimulationOptions, parts: RunSeedParts, batch: number): SeedOutcome {
  const { registry = REGISTRY, trace } = parts;
  const simulation = new Simulation(options, { registry, ...(trace !== undefined && { trace }) });
  const eventsMax = options.nodes * EVENTS_PER_NODE_MAX;
  let isEndless = false;
  while (!isEndless && simulation.advance(batch)) isEndless = simulation.world.events > eventsMax;
  const { failure, strikes, commands, ...result } = simulation.result();
  const { seed, nodes } = options;
  return {
    ...{ seed, nodes, hash: result.hash, events: result.events, messages: result.messages },
    ...{ simulatedMs: result.simulatedMs, convergedMs: result.convergedMs },
    acknowledgedWrites: result.acknowledgedWrites,
    lostWrites: [...result.lostWrites],
    writeOverlapMs: result.writeOverlapMs,
    strikes: [...strikes],
    commands: [...commands],
    failure: isEndless ? endless(simulation, eventsMax) : failure && sendable(failure),
  };
}

function sendable({ error, ...failure }: Failure): SeedFailure {
  const stack = failure.invariant === 'error' && error instanceof Error ? error.stack : undefined;
  return { ...failure, stack: stack ?? null };
}

function endless({ world, phase }: Simulation, eventsMax: number): SeedFailure {
  const message = `more than ${eventsMax} events, and no end`;
  const { nowMs: atMs, events: event } = world;
  return { invariant: 'endless', message, node: -1, atMs, event, phase, stack: null };
}

function differentRun(first: SeedOutcome, second: SeedOutcome): SeedFailure {
  const told = second.failure === null ? second.hash : second.failure.message;
  return {
    invariant: 'A18',
    message: `in batches of ${OTHER_BATCH} events it is another run: ${first.hash}, ${told}`,
    ...{ node: -1, atMs: first.simulatedMs, event: first.events, phase: 'over', stack: null },
  };
}
