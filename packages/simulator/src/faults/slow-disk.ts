// Disks are slow: a save hangs for up to ten seconds, and whatever depends on it waits that long.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import { namesOf, setTrouble } from './disk-trouble.ts';
import type { Fault, Strike } from './fault.ts';

interface SlowDiskOptions {
  readonly nodesMax: number;
  readonly stallChance: number;
  readonly stallMsMax: number;
}

export const slowDisk: Fault<SlowDiskOptions> = {
  name: 'slow-disk',
  title: 'operations of disks hang, for up to ten seconds',
  everyMs: { min: 1000, max: 60_000 },
  draw: (dice: Dice) => ({
    nodesMax: dice.between(1, 6),
    stallChance: dice.logarithmic(0.01, 1),
    stallMsMax: Math.round(dice.logarithmic(10, 10_000)),
  }),
  strike(world: World, options: SlowDiskOptions, dice: Dice): Strike | null {
    const nodes = dice.sample(world.nodes, dice.between(1, options.nodesMax));
    const { stallChance, stallMsMax } = options;
    for (const node of nodes) setTrouble(node, { stallChance, stallMsMax });
    return {
      what: namesOf(nodes),
      forMs: dice.logarithmic(500, 30_000),
      undo: () => {
        for (const node of nodes) setTrouble(node, { stallChance: 0 });
      },
    };
  },
};
