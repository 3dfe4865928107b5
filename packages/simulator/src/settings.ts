// What somebody may set of a run by hand, beside its seed; all else is drawn. It is what the command
// line can say, so that whatever a search or the shrinker finds can be told as one command.

import type { SimulationOptions } from './options.ts';
import { REGISTRY, type Registry } from './registry.ts';
import { drawFault, drawWorkload, optionsOf } from './swarm.ts';

/** Plain data; what is left out is drawn from the seed. */
export interface Settings {
  readonly nodes?: number;
  readonly voters?: number;
  readonly nodeTimeoutMs?: number;
  readonly faultyMs?: number;
  readonly start?: 'meet' | 'files';
  readonly codec?: boolean;
  /** False: there are none, and nobody makes any. */
  readonly replicas?: boolean;
  /** Exactly these, each as wild as the seed draws it. */
  readonly faults?: readonly string[];
  readonly operators?: readonly string[];
  readonly workloads?: readonly string[];
  /** Strikes and actions that are left out: 'partition#3', 'operator#12'. */
  readonly masked?: readonly string[];
}

/** A setting that makes no run. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'SETTINGS';
}

/** What operators do that gives a cluster replicas. */
const MAKES_REPLICAS: ReadonlySet<string> = new Set(['replicate', 'add-replica']);

/** Most nodes of a run. */
export const NODES_MAX = 10_000;

export interface SettingsParts {
  readonly registry?: Registry;
  /** Options that go before those that are drawn, and behind the settings. */
  readonly base?: Partial<SimulationOptions>;
}

/** The options of a seed with these settings. Throws {@link SettingsError}. */
export function optionsWith(
  seed: number,
  settings: Settings,
  { registry = REGISTRY, base = {} }: SettingsParts = {},
): SimulationOptions {
  const { nodes, voters, faultyMs, start, codec, masked } = settings;
  if (nodes !== undefined) checkRange('nodes', nodes, 1, NODES_MAX);
  const drawn = optionsOf(
    seed,
    {
      ...base,
      ...(nodes !== undefined && { nodes }),
      ...clusterOf(seed, settings, base),
      ...(faultyMs !== undefined && { faultyMs }),
      ...(start !== undefined && { start }),
      ...(masked !== undefined && { masked }),
    },
    registry,
    settings.replicas ?? true,
  );
  if (faultyMs !== undefined) checkRange('the faulty phase in ms', faultyMs, 0, 1e12);
  if (voters !== undefined) checkRange('voters', voters, 1, drawn.nodes);
  return {
    ...drawn,
    ...(voters !== undefined && { voters }),
    ...faultsOf(seed, settings, drawn, registry),
    ...operatorsOf(settings, drawn, registry),
    ...workloadsOf(seed, settings, registry),
    // A hostile sender is one on the wire.
    ...(codec !== undefined && { codec: codec || drawn.beyond.includes('bus') }),
  };
}

function clusterOf(
  seed: number,
  { nodeTimeoutMs }: Settings,
  base: Partial<SimulationOptions>,
): Partial<SimulationOptions> {
  if (nodeTimeoutMs === undefined) return {};
  checkRange('the node timeout', nodeTimeoutMs, 100, 600_000);
  return { cluster: { ...optionsOf(seed, base).cluster, nodeTimeoutMs } };
}

function faultsOf(
  seed: number,
  settings: Settings,
  { beyond }: SimulationOptions,
  registry: Registry,
): Partial<SimulationOptions> {
  if (settings.faults === undefined) return {};
  const faults = chosen('fault', registry.faults, settings.faults);
  const broken = faults.flatMap((fault) => (fault.breaks === undefined ? [] : [fault.breaks]));
  return {
    beyond: [...new Set([...beyond, ...broken])],
    faults: faults.map((fault) => drawFault(seed, fault)),
  };
}

function operatorsOf(
  settings: Settings,
  { operators }: SimulationOptions,
  registry: Registry,
): Partial<SimulationOptions> {
  const isFree = settings.replicas ?? true;
  if (settings.operators === undefined && isFree) return {};
  const names = settings.operators ?? operators.actions;
  const actions = chosen("operator's action", registry.operators, names)
    .map(({ name }) => name)
    .filter((name) => isFree || !MAKES_REPLICAS.has(name));
  return { operators: { ...operators, actions } };
}

function workloadsOf(
  seed: number,
  settings: Settings,
  registry: Registry,
): Partial<SimulationOptions> {
  if (settings.workloads === undefined) return {};
  const workloads = chosen('workload', registry.workloads, settings.workloads);
  return { workloads: workloads.map((workload) => drawWorkload(seed, workload)) };
}

/** Those of these names, in the table's order. */
function chosen<T extends { readonly name: string }>(
  what: string,
  table: readonly T[],
  names: readonly string[],
): T[] {
  const known = table.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new SettingsError(`there is no ${what} '${name}'; there are ${known.join(', ')}`);
  }
  return table.filter(({ name }) => names.includes(name));
}

function checkRange(what: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new SettingsError(`${what} must be a whole number from ${min} to ${max}, not ${value}`);
}
