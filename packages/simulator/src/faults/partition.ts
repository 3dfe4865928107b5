// The network falls apart: what crosses a cut waits until it is mended, and nobody is told. Cuts have
// a direction; the modes are those that have broken clusters before.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import { CUT_MODES, type CutMode, cutsOf, describeCuts } from './cuts.ts';
import type { Fault, Strike } from './fault.ts';

interface PartitionOptions {
  readonly modes: readonly CutMode[];
  /** Longest cut, in node timeouts. */
  readonly timeoutsMax: number;
}

export const partition: Fault<PartitionOptions> = {
  name: 'partition',
  title: 'nodes cannot reach each other: one alone, halves, a bridge, a ring, one way only',
  everyMs: { min: 2000, max: 60_000 },
  draw: (dice: Dice) => ({
    modes: dice.sample(CUT_MODES, dice.between(1, CUT_MODES.length)),
    timeoutsMax: dice.logarithmic(0.5, 5),
  }),
  strike(world: World, options: PartitionOptions, dice: Dice): Strike | null {
    const { nodes, network } = world;
    if (nodes.length < 2) return null;
    const mode = dice.pick(options.modes);
    const cuts = cutsOf(mode, dice.shuffle(nodes), dice);
    const { nodeTimeoutMs } = world.options.cluster;
    for (const [from, to] of cuts) network.hold(from, to);
    const forMs = dice.logarithmic(0.05, options.timeoutsMax) * nodeTimeoutMs;
    return {
      what: `${mode} ${describeCuts(cuts)}`,
      forMs,
      undo: () => {
        for (const [from, to] of cuts) network.release(from, to);
      },
    };
  },
};
