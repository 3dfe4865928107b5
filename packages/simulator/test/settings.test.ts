// What can be set of a run by hand, and one seed of a search.

import { describe, expect, it } from 'vitest';
import { FAULTS, type Invariant, optionsOf, REGISTRY } from '../src/index.ts';
import { runSeed, TWICE_EVERY } from '../src/run-seed.ts';
import { optionsWith, type Settings, SettingsError } from '../src/settings.ts';

describe('settings', () => {
  it('are all drawn where nothing is set', () => {
    for (let seed = 0; seed < 50; seed++) expect(optionsWith(seed, {})).toEqual(optionsOf(seed));
  });

  it('leave everything else as it is drawn', () => {
    const drawn = optionsOf(8);
    const settings: Settings = { nodeTimeoutMs: 1234, faultyMs: 10, start: 'files', voters: 1 };
    const { cluster, faultyMs, start, voters, delay, ...rest } = optionsWith(8, settings);
    const { cluster: _, faultyMs: __, start: ___, voters: ____, delay: _____, ...same } = drawn;
    expect({ faultyMs, start, voters }).toEqual({ faultyMs: 10, start: 'files', voters: 1 });
    expect(cluster).toEqual({ ...drawn.cluster, nodeTimeoutMs: 1234 });
    expect(rest).toEqual(same);
  });

  it('take faults with the strength that the seed gives them, alone or among others', () => {
    for (let seed = 0; seed < 50; seed++) {
      const drawn = optionsOf(seed);
      for (const one of drawn.faults) {
        const alone = optionsWith(seed, { faults: [one.name] });
        expect(alone.faults).toEqual([one]);
      }
      const all = optionsWith(seed, { faults: FAULTS.map(({ name }) => name) });
      expect(all.faults.length).toBe(FAULTS.length);
      expect(all.faults).toEqual(expect.arrayContaining([...drawn.faults]));
      for (const { breaks } of FAULTS) if (breaks) expect(all.beyond).toContain(breaks);
    }
  });

  it.each<[Settings, string]>([
    [{ faults: ['flood'] }, "there is no fault 'flood'; there are delay,"],
    [{ operators: ['dance'] }, "there is no operator's action 'dance'; there are meet,"],
    [{ workloads: ['sleep'] }, "there is no workload 'sleep'; there are writes"],
    [{ nodes: 0 }, 'nodes must be a whole number from 1 to 10000, not 0'],
    [{ nodes: 3, voters: 4 }, 'voters must be a whole number from 1 to 3, not 4'],
    [{ nodeTimeoutMs: 1 }, 'the node timeout must be a whole number from 100 to 600000, not 1'],
    [{ faultyMs: 0.5 }, 'the faulty phase in ms must be a whole number from 0 to'],
  ])('%j is refused', (settings, message) => {
    expect(() => optionsWith(1, settings)).toThrow(SettingsError);
    expect(() => optionsWith(1, settings)).toThrow(message);
  });
});

describe('a seed of a search', () => {
  const settings: Settings = { nodes: 3, faultyMs: 2000 };

  it('gives plain data, the same every time', () => {
    const outcome = runSeed(3, settings);
    expect(outcome.failure).toBeNull();
    expect(structuredClone(outcome)).toEqual(runSeed(3, settings));
    expect(runSeed(4, settings).hash).not.toBe(outcome.hash);
  });

  it('is run twice now and then, and must be the same run', () => {
    let runs = 0;
    const forgetful: Invariant = {
      id: 'X1',
      title: 'there is one run only',
      source: 'this test',
      watch: () => {
        const run = ++runs;
        return { settled: () => (run === 2 ? 'a second run' : null) };
      },
    };
    const registry = { ...REGISTRY, invariants: [forgetful] };
    expect(runSeed(TWICE_EVERY - 1, settings, { registry }).failure).toBeNull();
    expect(runs).toBe(1);
    const { failure } = runSeed(TWICE_EVERY, settings, { registry });
    expect(failure).toMatchObject({ invariant: 'X1' });
    runs = 0;
    const second = runSeed(TWICE_EVERY, settings, { registry }).failure;
    expect(second).toMatchObject({ invariant: 'A18' });
    expect(second?.message).toContain('a second run');
  });

  it('tells what was thrown, and where', () => {
    const base = { faults: [{ name: 'flood', everyMs: 1, options: {} }] };
    const { failure } = runSeed(1, settings, { base });
    expect(failure).toMatchObject({ invariant: 'error', message: "there is no fault 'flood'" });
    expect(failure?.stack).toContain('driver');
  });
});
