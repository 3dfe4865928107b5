// Whole runs. What one of these seeds finds is a bug of a package or of the simulator: replay it with
// the same options.

import { describe, expect, test } from 'vitest';
import {
  type Invariant,
  optionsOf,
  REGISTRY,
  type RunResult,
  Simulation,
  type SimulationOptions,
  type TraceRecord,
} from '../src/index.ts';

/** With forming and healing that makes about 60 s of virtual time. */
const FAULTY_MS = 30_000;

function run(seed: number, batch?: number, overrides?: Partial<SimulationOptions>): RunResult {
  return new Simulation(optionsOf(seed, { faultyMs: FAULTY_MS, ...overrides })).run(batch);
}

describe('runs', () => {
  test('30 seeds hold all invariants and come to rest', () => {
    const strikes = new Map<string, number>();
    let simulatedMs = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const result = run(seed);
      expect(result.failure, `seed ${seed}`).toBeNull();
      // Nobody asks for agreement where a liar was about.
      const isAsked = !result.options.beyond.includes('bus');
      expect(result.convergedMs !== null, `seed ${seed}`).toBe(isAsked);
      simulatedMs += result.simulatedMs;
      for (const [name, count] of result.strikes) {
        strikes.set(name, (strikes.get(name) ?? 0) + count);
      }
    }
    expect(simulatedMs).toBeGreaterThan(30 * FAULTY_MS);
    for (const name of ['partition', 'crash', 'pause', 'reset', 'delay']) {
      expect(strikes.get(name), name).toBeGreaterThan(0);
    }
  });

  test.each([3, 9, 20])('seed %i twice, and in other batches, is the same run', (seed) => {
    const first = run(seed);
    const hashes = [run(seed), run(seed, 1), run(seed, 777)].map(({ hash }) => hash);
    expect(new Set([...hashes, first.hash]).size).toBe(1);
    expect(run(seed + 1).hash).not.toBe(first.hash);
  });

  test('messages as bytes are the same messages', () => {
    const objects = run(5, undefined, { codec: false });
    const bytes = run(5, undefined, { codec: true });
    expect(bytes.failure).toBeNull();
    expect(bytes.hash).toBe(objects.hash);
  });

  test('watching a run does not change it', () => {
    const records: TraceRecord[] = [];
    const options = optionsOf(9, { faultyMs: FAULTY_MS });
    const watched = new Simulation(options, {
      trace: { record: (one) => records.push(one) },
    }).run();
    expect(watched.hash).toBe(run(9).hash);
    const kinds = new Set(records.map((record) => record.kind));
    expect([...kinds]).toEqual(
      expect.arrayContaining(['start', 'input', 'settle', 'effect', 'command', 'environment']),
    );
  });

  test('leaving a strike out leaves the others as they were', () => {
    const strikesOf = (masked: readonly string[]): Map<string, string> => {
      const strikes = new Map<string, string>();
      const record = (one: TraceRecord): void => {
        if (one.kind !== 'environment' || one.what !== 'partition') return;
        const [name, ...what] = one.detail.split(': ');
        strikes.set(name, `${one.atMs} ${what.join(': ')}`);
      };
      const options = optionsOf(11, { ...PARTITIONS, masked });
      new Simulation(options, { trace: { record } }).run();
      return strikes;
    };
    const all = strikesOf([]);
    expect(all.size).toBeGreaterThan(3);
    const [second] = [...all.keys()].slice(1);
    const fewer = strikesOf([second]);
    expect([...all].filter(([name]) => name !== second)).toEqual([...fewer]);
  });
});

/** Partitions alone, on nodes that know each other from the start: time begins at the same moment. */
const PARTITIONS: Partial<SimulationOptions> = {
  start: 'files',
  nodes: 5,
  faultyMs: FAULTY_MS,
  operators: { actions: [], everyMs: 1000, stepMs: 1, interruption: 0 },
  workloads: [],
  faults: [
    {
      name: 'partition',
      everyMs: 3000,
      options: { modes: ['isolate', 'halves', 'oneWay'], timeoutsMax: 1 },
    },
  ],
};

describe('failures', () => {
  const options = optionsOf(2, { faultyMs: FAULTY_MS });

  test('an invariant that does not hold ends the run and is told', () => {
    const broken: Invariant = {
      id: 'X1',
      title: 'no node ever pauses',
      source: 'this test',
      watch: (world) => ({
        settled: (node) => (world.nowMs > 5000 ? `node ${node.index} is still here` : null),
      }),
    };
    const registry = { ...REGISTRY, invariants: [broken] };
    const { failure, simulatedMs } = new Simulation(options, { registry }).run();
    expect(failure).toMatchObject({
      invariant: 'X1',
      message: expect.stringContaining('still here'),
    });
    expect(failure?.atMs).toBe(simulatedMs);
    expect(simulatedMs).toBeLessThan(6000);
  });

  test('what a rule throws is a failure as well', () => {
    const thrown = new TypeError('a bug');
    const registry = {
      ...REGISTRY,
      invariants: [
        {
          id: 'X2',
          title: 'throws',
          source: 'this test',
          watch: () => ({
            settled: () => {
              throw thrown;
            },
          }),
        },
      ],
    };
    const { failure } = new Simulation(options, { registry }).run();
    expect(failure).toMatchObject({ invariant: 'error', error: thrown });
  });

  test('a cut that nobody mends keeps the cluster from agreeing', () => {
    const simulation = new Simulation(optionsOf(4, PARTITIONS));
    while (simulation.phase === 'forming') simulation.advance(1);
    const [a, b] = simulation.world.nodes;
    const { network } = simulation.world;
    // Healing ends what the faults have done; this comes after it.
    while (simulation.phase !== 'healing') simulation.advance(1);
    network.hold(a, b);
    network.hold(b, a);
    expect(simulation.run().failure).toMatchObject({ invariant: 'L1' });
  });

  test('options that name nothing are refused', () => {
    const faults = [{ name: 'flood', everyMs: 1000, options: {} }];
    const { failure } = new Simulation(optionsOf(1, { faults })).run();
    expect(failure?.message).toBe("there is no fault 'flood'");
    const operators = { actions: ['dance'], everyMs: 1, stepMs: 1, interruption: 0 };
    expect(() => new Simulation(optionsOf(1, { operators }))).toThrow("no action 'dance'");
  });
});
