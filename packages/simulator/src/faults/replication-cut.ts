// What is replicated does not get through, and the bus does: nobody misses anybody, and replicas fall behind.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import { CUT_MODES, type CutMode, cutsOf, describeCuts } from './cuts.ts';
import type { Fault, Strike } from './fault.ts';

interface ReplicationCutOptions {
  readonly modes: readonly CutMode[];
  readonly timeoutsMax: number;
}

export const replicationCut: Fault<ReplicationCutOptions> = {
  name: 'replication-cut',
  title: 'nodes do not reach each other to replicate, while the bus goes on',
  everyMs: { min: 2000, max: 60_000 },
  draw: (dice: Dice) => ({
    modes: dice.sample(CUT_MODES, dice.between(1, CUT_MODES.length)),
    timeoutsMax: dice.logarithmic(0.5, 10),
  }),
  strike(world: World, options: ReplicationCutOptions, dice: Dice): Strike | null {
    const { nodes, network } = world;
    if (nodes.length < 2) return null;
    const cuts = cutsOf(dice.pick(options.modes), dice.shuffle(nodes), dice);
    for (const [from, to] of cuts) network.holdReplication(from, to);
    return {
      what: describeCuts(cuts),
      forMs: dice.logarithmic(0.05, options.timeoutsMax) * world.options.cluster.nodeTimeoutMs,
      undo: () => {
        for (const [from, to] of cuts) network.releaseReplication(from, to);
      },
    };
  },
};
