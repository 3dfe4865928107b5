// A run as the shrinker looks at it.

import { type RunSeedParts, runSeed } from '../run-seed.ts';
import { optionsWith, type Settings } from '../settings.ts';
import type { TraceRecord } from '../trace/trace-sink.ts';
import type { Attempt } from './shrink.ts';

/** As the drivers note them: 'partition#3: isolate 1'. */
const STRIKE = /^([\w-]+#\d+): /;

/** Runs a seed with these settings. Throws SettingsError where they make no run. */
export function attempt(seed: number, settings: Settings, parts: RunSeedParts = {}): Attempt {
  const strikes: string[] = [];
  const record = (one: TraceRecord): void => {
    if (one.kind !== 'environment') return;
    const name = STRIKE.exec(one.detail)?.[1];
    if (name !== undefined) strikes.push(name);
  };
  const options = optionsWith(seed, settings, parts);
  const { failure, events } = runSeed(seed, settings, { ...parts, trace: { record } });
  const { nodes, faultyMs, codec, start, faults, operators, workloads } = options;
  return {
    ...{ failure, events, nodes, faultyMs, codec, start, strikes },
    faults: faults.map(({ name }) => name),
    operators: operators.actions,
    workloads: workloads.map(({ name }) => name),
  };
}
