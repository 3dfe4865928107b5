import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Invariant, REGISTRY } from '../../src/index.ts';
import type { SeedFailure } from '../../src/run-seed.ts';
import type { Settings } from '../../src/settings.ts';
import { attempt } from '../../src/shrink/attempt.ts';
import { formatMasks, parseMasks } from '../../src/shrink/masks.ts';
import { type Attempt, isSameFailure, shrink } from '../../src/shrink/shrink.ts';
import { withoutParts } from '../../src/shrink/without-parts.ts';

/** Runs the search to its end; the smallest list that still fails. */
function reduce<T>(list: readonly T[], fails: (list: readonly T[]) => boolean): readonly T[] {
  const search = withoutParts(list);
  let smallest = list;
  for (let next = search.next(); !next.done; ) {
    const isFailing = fails(next.value);
    if (isFailing) smallest = next.value;
    next = search.next(isFailing);
  }
  return smallest;
}

describe('leaving parts out', () => {
  it('ends at what is needed, whatever that is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.array(fc.nat(59)), (size, wanted) => {
        const list = Array.from({ length: size }, (_, i) => i);
        const needed = [...new Set(wanted)].filter((one) => one < size).sort((a, b) => a - b);
        const fails = (some: readonly number[]) => needed.every((one) => some.includes(one));
        expect(reduce(list, fails)).toEqual(needed);
      }),
    );
  });

  it('asks few questions where little is needed', () => {
    let questions = 0;
    const list = Array.from({ length: 1000 }, (_, i) => i);
    expect(reduce(list, (some) => ++questions > 0 && some.includes(617))).toEqual([617]);
    expect(questions).toBeLessThan(50);
  });
});

describe('masks', () => {
  it('are short, and read back', () => {
    const names = ['crash#3', 'crash#1', 'late-ticks#9', 'crash#2', 'crash#7'];
    expect(formatMasks(names)).toEqual(['crash#1-3', 'crash#7', 'late-ticks#9']);
    expect(parseMasks(formatMasks(names)).sort()).toEqual([...names].sort());
    expect(formatMasks([])).toEqual([]);
  });

  it.each(['crash', 'crash#', '#1', 'crash#1-', 'crash#-1', 'a b#1'])('refuse %j', (item) => {
    expect(() => parseMasks([item])).toThrow('is no strike');
  });

  it('have a limit', () => {
    expect(parseMasks(['crash#1-100000']).length).toBe(100_000);
    expect(() => parseMasks(['crash#1-100000', 'crash#0-1'])).toThrow('more than 100000 strikes');
  });
});

const failure = (invariant: string, message: string): SeedFailure => ({
  ...{ invariant, message, node: 1, atMs: 1, event: 1, phase: 'faulty', stack: null },
});

describe('the same failure', () => {
  it('is the same rule, and for an error the same sentence but for its numbers', () => {
    expect(isSameFailure(failure('A1', 'node 1'), failure('A1', 'other words'))).toBe(true);
    expect(isSameFailure(failure('A1', 'x'), failure('A2', 'x'))).toBe(false);
    const [id, other] = ['0', 'f'].map((digit) => digit.repeat(40));
    const thrown = failure('error', `slot 7 of ${id}`);
    expect(isSameFailure(thrown, failure('error', `slot 9 of ${other}`))).toBe(true);
    expect(isSameFailure(thrown, failure('error', 'something else'))).toBe(false);
  });
});

/** A run that is a formula: it fails when a pause and a crash meet on at least three nodes. */
function model(settings: Settings): Attempt {
  const faults = settings.faults ?? ['delay', 'crash', 'pause', 'reset'];
  const { nodes = 9, faultyMs = 60_000, masked = [], operators = ['meet'] } = settings;
  const strikes = ['crash', 'pause', 'reset']
    .filter((name) => faults.includes(name))
    .flatMap((name) => [1, 2, 3, 4, 5].map((number) => `${name}#${number}`))
    .filter((name) => !masked.includes(name));
  const isFailing =
    ['crash#3', 'pause#2'].every((name) => strikes.includes(name)) && nodes >= 3 && faultyMs > 7000;
  return {
    ...{ nodes, faultyMs, faults, strikes, operators },
    ...{ codec: settings.codec ?? true, start: settings.start ?? 'meet' },
    workloads: settings.workloads ?? ['writes'],
    events: nodes * 100,
    failure: isFailing ? failure('A1', 'it fails') : null,
  };
}

describe('the shrinker', () => {
  it('leaves what is needed', () => {
    const steps = [...shrink({ settings: {}, first: model({}), run: model, attemptsMax: 500 })];
    const { settings, attempt: smallest } = steps.at(-1)!;
    expect(smallest).toMatchObject({
      ...{ nodes: 3, faults: ['crash', 'pause'], operators: [], workloads: [] },
      ...{ codec: false, start: 'files', strikes: ['crash#3', 'pause#2'] },
    });
    expect(smallest.faultyMs).toBeLessThan(8000);
    expect(model(settings)).toEqual(smallest);
    expect(steps.at(-1)?.attempts).toBeLessThan(100);
  });

  it('stops at its limit, and finds nothing where nothing is smaller', () => {
    let runs = 0;
    const run = (settings: Settings): Attempt => {
      runs++;
      return model(settings);
    };
    for (const _ of shrink({ settings: {}, first: model({}), run, attemptsMax: 7 }));
    expect(runs).toBe(7);
    const smallest = model({});
    const never = (settings: Settings): Attempt => ({ ...model(settings), failure: null });
    expect([...shrink({ settings: {}, first: smallest, run: never, attemptsMax: 99 })]).toEqual([]);
  });

  it('makes a real run smaller', () => {
    const broken: Invariant = {
      id: 'X1',
      title: 'nobody goes on while another process stands still',
      source: 'this test',
      watch: ({ nodes }) => ({
        settled: () => (nodes.some(({ isPaused }) => isPaused) ? 'another one stands still' : null),
      }),
    };
    const registry = { ...REGISTRY, invariants: [broken] };
    const settings = { nodes: 6, faults: ['crash', 'pause', 'reset'], operators: ['move', 'meet'] };
    const run = (tried: Settings): Attempt => attempt(4, tried, { registry });
    const first = run({ ...settings, faultyMs: 60_000 });
    expect(first.failure?.invariant).toBe('X1');
    const steps = [...shrink({ settings, first, run, attemptsMax: 200 })];
    const { attempt: smallest } = steps.at(-1)!;
    expect(smallest).toMatchObject({ nodes: 2, faults: ['pause'], operators: [], workloads: [] });
    expect(smallest.failure?.invariant).toBe('X1');
    expect(smallest.strikes.length).toBe(1);
    expect(smallest.events).toBeLessThan(first.events);
  });
});
