// Anything may happen to a cluster, in any order; then it is left alone, and must come to agree.
// What must hold after every event is checked on the way (invariants of the tables, epochs that
// never go back, config epochs saved before they are sent, failures agreed by a majority): see
// support/sim-node.ts.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { converge, settledCluster } from './support/convergence.ts';
import { SimCluster } from './support/sim-cluster.ts';
import { strike, type Trouble } from './support/trouble.ts';

const SIZE = 5;

type Operation =
  | Trouble
  | { readonly kind: 'move' | 'bump'; readonly node: number }
  | { readonly kind: 'meet' | 'claim'; readonly node: number; readonly other: number };

const node = fc.nat({ max: SIZE - 1 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      ms: fc.integer({ min: 1, max: 4000 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('kill', 'restart', 'move', 'pause', 'wake', 'bump' as const),
      node,
    }) as fc.Arbitrary<Operation>,
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('cut', 'meet', 'claim' as const),
      node,
      other: node,
    }) as fc.Arbitrary<Operation>,
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('isolate' as const), node }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('lose' as const), percent: fc.nat({ max: 50 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('heal' as const) }) },
);

function apply(sim: SimCluster, operation: Operation): void {
  switch (operation.kind) {
    case 'move':
      sim.nodes[operation.node].restart({
        host: `10.1.${sim.random.below(250)}.${sim.random.below(250)}`,
      });
      break;
    case 'bump':
      if (sim.nodes[operation.node].isUp) sim.nodes[operation.node].execute({ kind: 'bumpEpoch' });
      break;
    case 'meet':
      if (sim.nodes[operation.node].isUp)
        sim.nodes[operation.node].meet(sim.nodes[operation.other]);
      break;
    case 'claim':
      claim(sim, operation.node, operation.other);
      break;
    default:
      strike(sim, operation);
  }
}

/** One node takes a slot of another, as the end of a slot move does. */
function claim(sim: SimCluster, to: number, from: number): void {
  const winner = sim.nodes[to];
  if (!winner.isUp || to === from) return;
  const { topology } = winner;
  const [slot] = topology.slotsOf(winner.view(sim.nodes[from]));
  if (slot === undefined) return;
  topology.unassignSlots(
    topology.slotsOf(topology.self).with(slot).difference(topology.slotsOf(topology.self)),
  );
  winner.order({ kind: 'addSlots', slots: [slot] });
  winner.order({ kind: 'bumpEpoch' });
}

describe('whatever happens', () => {
  it('nodes that are left alone come to agree', () => {
    const runs = fc.record({
      seed: fc.nat(),
      delayMsMax: fc.constantFrom(2, 20, 200),
      codec: fc.boolean(),
      operations: fc.array(operation, { minLength: 1, maxLength: 25 }),
    });
    fc.assert(
      fc.property(runs, ({ seed, delayMsMax, codec, operations }) => {
        const sim = new SimCluster(SIZE, { seed, delayMsMax, codec, checkEvery: 37 });
        settledCluster(sim);
        for (const one of operations) apply(sim, one);
        sim.heal();
        sim.loss = () => false;
        for (const one of sim.nodes) {
          one.isPaused = false;
          if (!one.isUp) one.restart();
        }
        converge(sim, sim.nodes, 120_000);
        for (const one of sim.nodes) one.core.invariants();
      }),
      { numRuns: Number(process.env.SLOTMESH_PROPERTY_RUNS ?? 15) },
    );
  });

  it('the same seed gives the same run', () => {
    const trace = (seed: number): string => {
      const sim = new SimCluster(6, { seed });
      settledCluster(sim);
      sim.nodes[1].kill();
      sim.run(10_000);
      sim.nodes[1].restart();
      sim.run(10_000);
      return `${sim.messagesDelivered}\n${sim.describe()}\n${JSON.stringify(sim.nodes[0].notices)}`;
    };
    const [first, again, other] = [trace(5), trace(5), trace(6)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});
