// Each fault alone: it strikes, nothing that must hold breaks, and the cluster recovers.

import { describe, expect, test } from 'vitest';
import {
  FAULTS,
  optionsOf,
  type RunResult,
  Simulation,
  type SimulationOptions,
  stream,
} from '../../src/index.ts';

const NOBODY = { actions: [], everyMs: 1000, stepMs: 1, interruption: 0 };

function settingsFor(name: string, seed: number): Partial<SimulationOptions> {
  const fault = FAULTS.find((one) => one.name === name);
  if (fault === undefined) throw new RangeError(name);
  const options = fault.draw(stream(seed, `test/${name}`));
  return {
    nodes: 5,
    voters: 4,
    start: 'files',
    faultyMs: 12_000,
    cluster: { nodeTimeoutMs: 2000, lease: true, requireFullCoverage: true, blacklistTtlS: 5 },
    delay: { minMs: 0, meanMs: 5 },
    workloads: [],
    operators: NOBODY,
    beyond: fault.breaks === undefined ? [] : [fault.breaks],
    faults: [{ name, everyMs: fault.everyMs === null ? 0 : 2000, options }],
  };
}

function run(name: string, seed: number): RunResult {
  return new Simulation(optionsOf(seed, settingsFor(name, seed))).run();
}

describe('a run with one fault', () => {
  test.each(FAULTS.map(({ name }) => name))('%s', (name) => {
    const { failure, strikes, options, convergedMs } = run(name, 1);
    expect(failure).toBeNull();
    expect(convergedMs !== null).toBe(!options.beyond.includes('bus'));
    expect(strikes.get(name)).toBeGreaterThan(0);
  });
});

test('the names of faults are different, and what lasts has no times', () => {
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  for (const { everyMs, begin, strike } of FAULTS) {
    if (everyMs === null) expect(begin).toBeDefined();
    else expect(strike).toBeDefined();
  }
});

test('what breaks a promise is drawn, and taken, in runs alone that allow it', () => {
  const breaking = new Map(FAULTS.map(({ name, breaks }) => [name, breaks]));
  let drawn = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const { faults, beyond } = optionsOf(seed);
    for (const { name } of faults) {
      const breaks = breaking.get(name);
      if (breaks === undefined) continue;
      drawn++;
      expect(beyond).toContain(breaks);
    }
  }
  expect(drawn).toBeGreaterThan(0);
  const { failure } = new Simulation(
    optionsOf(1, { ...settingsFor('lossy', 1), beyond: [] }),
  ).run();
  expect(failure?.message).toContain("the fault 'lossy' breaks 'tcp'");
});
