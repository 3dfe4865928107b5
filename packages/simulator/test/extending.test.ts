// The examples of docs/extending.md are these files, and they work.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildMutant } from '../src/cli/mutants/index.ts';
import {
  describeDifferences,
  optionsOf,
  REGISTRY,
  runScript,
  Simulation,
  type TraceRecord,
} from '../src/index.ts';
import { hiccup } from './extending/fault.ts';
import { selfIsNeverSuspected } from './extending/invariant.ts';
import { halfIsEnough } from './extending/mutant.ts';
import { bumpTwice } from './extending/operator.ts';

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('the page about extending', () => {
  it.each(['fault.ts', 'invariant.ts', 'operator.ts', 'mutant.ts', 'scenario.txt'])(
    'shows %s as it is',
    (name) => {
      const language = name.endsWith('.ts') ? 'ts' : 'text';
      const block = `\`\`\`${language}\n${textOf(`extending/${name}`)}\`\`\``;
      expect(textOf('../docs/extending.md')).toContain(block);
    },
  );
});

describe('the examples', () => {
  const registry = {
    ...REGISTRY,
    faults: [hiccup],
    operators: [bumpTwice],
    invariants: [...REGISTRY.invariants, selfIsNeverSuspected],
  };
  const options = optionsOf(
    1,
    {
      ...{ nodes: 3, faultyMs: 30_000 },
      faults: [{ name: hiccup.name, everyMs: 1000, options: { ms: 100 } }],
      operators: { actions: [bumpTwice.name], everyMs: 2000, stepMs: 100, interruption: 0 },
    },
    registry,
  );

  it('the fault strikes, the operator acts, the invariant holds', () => {
    const told: string[] = [];
    const record = (one: TraceRecord): void => {
      if (one.kind === 'environment') told.push(`${one.what} ${one.detail}`);
    };
    const { failure, strikes } = new Simulation(options, { registry, trace: { record } }).run();
    expect(failure).toBeNull();
    expect(strikes.get('hiccup')).toBeGreaterThan(10);
    expect(told.some((line) => /^hiccup hiccup#\d+: \d for 100 ms$/.test(line))).toBe(true);
    expect(told.some((line) => /^bump-twice operator#\d+: step 2: /.test(line))).toBe(true);
  });

  it('the invariant finds a node that suspects itself', () => {
    const simulation = new Simulation(options, { registry });
    while (simulation.phase === 'forming') simulation.advance(1);
    const { topology } = simulation.world.nodes[1];
    topology.markPfail(topology.self);
    expect(simulation.run().failure?.message).toContain('it suspects itself');
  });

  it('the scenario plays', () => {
    expect(describeDifferences(runScript(textOf('extending/scenario.txt')).differences)).toBe('');
  });

  it('the mutant fits the rules', () => {
    buildMutant(halfIsEnough).remove();
  });
});
