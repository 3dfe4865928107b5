// A disk is full: a few bytes still fit, then ENOSPC, in the middle of a file (valkey#1032).

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import { namesOf, revive } from './disk-trouble.ts';
import type { Fault, Strike } from './fault.ts';

interface DiskFullOptions {
  readonly nodesMax: number;
  readonly freeBytesMax: number;
}

export const diskFull: Fault<DiskFullOptions> = {
  name: 'disk-full',
  title: 'disks have no room left',
  everyMs: { min: 3000, max: 60_000 },
  draw: (dice: Dice) => ({
    nodesMax: dice.between(1, 4),
    freeBytesMax: Math.round(dice.logarithmic(1, 20_000)),
  }),
  strike(world: World, options: DiskFullOptions, dice: Dice): Strike | null {
    const nodes = dice.sample(world.nodes, dice.between(1, options.nodesMax));
    for (const { disk } of nodes) disk.fill(dice.below(options.freeBytesMax + 1));
    return {
      what: namesOf(nodes),
      forMs: dice.logarithmic(100, 20_000),
      undo: () => {
        for (const { disk } of nodes) disk.files.capacityBytes = Number.POSITIVE_INFINITY;
        revive(nodes);
      },
    };
  },
};
