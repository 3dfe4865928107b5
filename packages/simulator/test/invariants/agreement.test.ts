// What nodes must agree on at rest, and what a restart of all must not change: each rule is broken
// once, and named.

import { SlotSet } from '@slotmesh/crc16-slots';
import { type LinkId, StatusBit } from '@slotmesh/topology';
import { describe, expect, test } from 'vitest';
import { disagreement, INVARIANTS, optionsOf, type SimNode, Simulation } from '../../src/index.ts';
import { ELSEWHERE, WAITING } from '../../src/invariants/waiting.ts';
import { QUIET, run } from './support.ts';

/** A cluster that has come to rest. */
function atRest(): Simulation {
  const simulation = new Simulation(optionsOf(1, QUIET));
  while (simulation.phase !== 'resting') simulation.advance(1);
  return simulation;
}

describe('agreement', () => {
  const rowOf = ({ topology }: SimNode, other: SimNode) => topology.find(other.id);
  const broken: readonly [rule: string, breakIt: (nodes: readonly SimNode[]) => void][] = [
    ['Q1', ([, b, c]) => b.topology.assignSlots(SlotSet.of(0), rowOf(b, c))],
    ['Q1', ([a, b, , d]) => b.topology.setReplicaOf(rowOf(b, d), rowOf(b, a))],
    [
      'Q2',
      (nodes) => {
        for (const node of nodes) node.topology.setConfigEpoch(rowOf(node, nodes[0]), 2);
      },
    ],
    [
      'Q3',
      ([a]) => {
        a.topology.currentEpoch++;
      },
    ],
    ['Q4', ([a, b]) => a.topology.markPfail(rowOf(a, b))],
    ['Q4', ([a, b]) => a.topology.setStatus(rowOf(a, b), StatusBit.handshake, true)],
    ['Q4', ([a, b]) => a.topology.setInboundLink(rowOf(a, b), -1 as LinkId)],
    ['Q7', ([a, b]) => a.topology.setMigrating(0, rowOf(a, b))],
  ];

  test.each(broken)('%s is named', (rule, breakIt) => {
    const { world } = atRest();
    expect(disagreement(world)).toBeNull();
    breakIt(world.nodes);
    expect(disagreement(world)).toMatch(new RegExp(`^${rule}: `));
  });

  test('Q4 asks voters for a link that is open, whatever their tables say', () => {
    const { world } = atRest();
    const [a, b] = world.nodes;
    const link = world.network.connections().find(({ from, to }) => from === a && to === b);
    expect(link).toBeDefined();
    if (link !== undefined) world.network.reset(link, 'nobody');
    for (const one of world.network.connections()) {
      if (one.from === a && one.to === b) world.network.reset(one, 'to');
    }
    expect(disagreement(world)).toBe('Q4: node 0 has no open link to node 1');
  });
});

describe('Q8', () => {
  test('a node that comes back with another table', () => {
    const { failure } = run({
      id: 'restart',
      phase: 'resting',
      breakIt: (_world, [a]) => {
        const read = a.disk.read.bind(a.disk);
        a.disk.read = (path) => {
          const text = new TextDecoder().decode(read(path) ?? new Uint8Array(0));
          const lines = text.split('\n').filter((line) => !line.startsWith('vars'));
          // Without its checksum, as another server writes it, and with another epoch.
          return new TextEncoder().encode(
            [...lines.slice(0, -1), 'vars currentEpoch 9 lastVoteEpoch 0', ''].join('\n'),
          );
        };
      },
    });
    expect(failure).toMatchObject({
      invariant: 'Q8',
      message: expect.stringContaining('was restarted'),
    });
  });

  test('a node that does not save', () => {
    const { failure } = run({
      id: 'restart',
      phase: 'resting',
      breakIt: (_world, [a]) => {
        Object.defineProperty(a, 'saved', { get: () => null, set: () => {} });
      },
    });
    expect(failure).toMatchObject({
      invariant: 'Q8',
      message: expect.stringContaining('has saved nothing'),
    });
  });
});

test('each safety rule is asked in one place, or waits for something', () => {
  const ids = [
    ...INVARIANTS.map(({ id }) => id),
    ...WAITING.map(({ id }) => id),
    ...ELSEWHERE.keys(),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  const count = (letter: string, last: number): string[] =>
    Array.from({ length: last }, (_, i) => `${letter}${i + 1}`);
  const rules = [
    ...[...count('A', 18), ...count('M', 5), ...count('C', 9), ...count('Q', 8)],
    ...[...count('L', 7), ...count('D', 7)],
  ];
  expect(rules.filter((rule) => !ids.includes(rule))).toEqual([]);
});
