// Each operator's action alone, and what the procedures of redis-cli leave behind.

import { describe, expect, test } from 'vitest';
import {
  OPERATORS,
  optionsOf,
  type RunResult,
  Simulation,
  type SimulationOptions,
  type TraceRecord,
} from '../../src/index.ts';
import { WAITING_ACTIONS } from '../../src/operators/waiting.ts';

function optionsFor(
  actions: readonly string[],
  overrides: Partial<SimulationOptions['operators']> = {},
): Partial<SimulationOptions> {
  return {
    nodes: 5,
    voters: 3,
    start: 'files',
    faultyMs: 12_000,
    cluster: { nodeTimeoutMs: 2000, lease: true, requireFullCoverage: true, blacklistTtlS: 5 },
    delay: { minMs: 0, meanMs: 5 },
    workloads: [],
    beyond: [],
    faults: [],
    operators: { actions, everyMs: 2000, stepMs: 50, interruption: 0, ...overrides },
  };
}

/** What operators did, in order: `name` and the step. */
function watch(
  seed: number,
  overrides: Partial<SimulationOptions>,
): { result: RunResult; steps: readonly string[]; simulation: Simulation } {
  const steps: string[] = [];
  const names = new Set(OPERATORS.map(({ name }) => name));
  const record = (one: TraceRecord): void => {
    if (one.kind === 'environment' && names.has(one.what)) steps.push(`${one.what} ${one.detail}`);
  };
  const simulation = new Simulation(optionsOf(seed, overrides), { trace: { record } });
  return { result: simulation.run(), steps, simulation };
}

/** Slots are free only where somebody has taken them, and nobody is handed over to but a replica. */
const NEEDED: Readonly<Record<string, string>> = {
  addslots: 'delslots',
  failover: 'add-replica',
  'failover-forced': 'add-replica',
};

describe('a run with one action', () => {
  test.each(OPERATORS.map(({ name }) => name))('%s', (name) => {
    const actions = name in NEEDED ? [name, NEEDED[name]] : [name];
    const { result, steps } = watch(1, optionsFor(actions));
    expect(result.failure).toBeNull();
    expect(steps.some((step) => step.startsWith(`${name} `))).toBe(true);
  });
});

test('names are different, and none of those that wait is there already', () => {
  const names = OPERATORS.map(({ name }) => name);
  const waiting = WAITING_ACTIONS.map(({ name }) => name);
  expect(new Set([...names, ...waiting]).size).toBe(names.length + waiting.length);
});

describe('procedures', () => {
  test('create gives slots, then epochs, then meets the first, and ends in one cluster', () => {
    const { steps, result, simulation } = watch(3, optionsFor(['create'], { everyMs: 8000 }));
    const first = steps.filter((step) => step.startsWith('create operator#1:'));
    const kinds = first.map((step) => /is started|addSlots|setConfigEpoch|meet/.exec(step)?.[0]);
    expect(kinds).toEqual([
      ...['is started', 'is started', 'is started'],
      ...['addSlots', 'addSlots', 'addSlots'],
      ...['setConfigEpoch', 'setConfigEpoch', 'setConfigEpoch'],
      ...['meet', 'meet'],
    ]);
    for (const step of first.slice(3)) expect(step).toMatch(/-> OK$/);
    expect(result.convergedMs).not.toBeNull();
    const sizes = simulation.world.nodes.map(({ topology }) => topology.size);
    expect(new Set(sizes)).toEqual(new Set([simulation.world.nodes.length]));
  });

  test('del-node is told to every node but the one that goes, which is reset at last', () => {
    const { steps } = watch(2, optionsFor(['del-node']));
    const first = steps.filter((step) => step.startsWith('del-node operator#1:'));
    expect(first).toHaveLength(5);
    for (const step of first.slice(0, 4)) expect(step).toMatch(/forget .* -> OK$/);
    expect(first[4]).toMatch(/reset false -> OK$/);
  });

  test('fix covers what delslots has left', () => {
    const { steps } = watch(1, optionsFor(['delslots', 'fix'], { everyMs: 500, stepMs: 1 }));
    const taken = steps.filter((step) => /^fix .*addSlots \d+ -> OK$/.test(step));
    expect(taken.length).toBeGreaterThan(0);
  });

  test('may be cut off after any step', () => {
    const counts = (interruption: number): Map<string, number> => {
      const { steps } = watch(3, optionsFor(['del-node', 'create'], { interruption }));
      const perAction = new Map<string, number>();
      for (const step of steps) {
        const [, action] = step.split(' ');
        perAction.set(action, (perAction.get(action) ?? 0) + 1);
      }
      return perAction;
    };
    expect(Math.max(...counts(0).values())).toBeGreaterThan(3);
    expect(new Set(counts(1).values())).toEqual(new Set([1]));
    expect(new Set(counts(0.3).values()).size).toBeGreaterThan(1);
  });
});
