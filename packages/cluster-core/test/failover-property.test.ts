// Elections under whatever happens: no voter votes twice, nobody wins without a majority, and with the rules
// of write leases nobody is elected while the former primary takes writes (support/election-watch.ts looks at
// each vote and each promotion, sim-node.ts at what is saved). Then the cluster is left alone and must agree.

import fc from 'fast-check';
import { describe, it } from 'vitest';
import { converge } from './support/convergence.ts';
import { NODE_TIMEOUT_MS } from './support/defaults.ts';
import { settledShards } from './support/replicas.ts';
import type { SimCluster } from './support/sim-cluster.ts';
import { strike, type Trouble } from './support/trouble.ts';

const SHARDS = [2, 1, 0, 0, 0];
const SIZE = 8;

type Operation =
  | Trouble
  | { readonly kind: 'handover'; readonly node: number }
  | { readonly kind: 'split'; readonly node: number; readonly other: number };

const node = fc.nat({ max: SIZE - 1 });
const of = <Kind extends string>(...kinds: Kind[]) => fc.constantFrom(...kinds);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: of('run'), ms: fc.integer({ min: 1, max: 3 * NODE_TIMEOUT_MS }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: of('kill', 'restart', 'pause', 'wake', 'handover', 'isolate'),
      node,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: of('cut', 'split'), node, other: node }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: of('lose'), percent: fc.nat({ max: 50 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: of('heal') }) },
);

function apply(sim: SimCluster, operation: Operation): void {
  switch (operation.kind) {
    case 'handover': {
      const one = sim.nodes[operation.node];
      if (one.isUp && !one.isPaused) one.execute({ kind: 'failover', mode: 'graceful' });
      break;
    }
    case 'split': {
      // The nodes from one number to another are cut off from the rest.
      const { node: first, other: last } = operation;
      const inside = sim.nodes.filter(({ index }) => index >= first && index <= last);
      const outside = sim.nodes.filter((one) => !inside.includes(one));
      sim.partition(inside, outside);
      break;
    }
    default:
      strike(sim, operation);
  }
}

describe('elections, whatever happens', () => {
  it('leave one writer for a slot, and a cluster that agrees', () => {
    const runs = fc.record({
      seed: fc.nat(),
      delayMsMax: fc.constantFrom(2, 20, 200),
      electionStrategy: fc.constantFrom('redis' as const, 'valkey9' as const),
      allowReplicaMigration: fc.boolean(),
      operations: fc.array(operation, { minLength: 5, maxLength: 30 }),
    });
    fc.assert(
      fc.property(runs, ({ seed, delayMsMax, operations, ...cluster }) => {
        const { sim } = settledShards(SHARDS, { seed, delayMsMax, checkEvery: 53, cluster });
        for (const [i, one] of sim.nodes.entries()) one.offset = 100 + i;
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
});
