// Writes take less than they were given, and signals interrupt them: nothing is wrong, and whoever
// does not look at what came back writes half a file. As long as the run lasts, on all disks.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import { setTrouble } from './disk-trouble.ts';
import type { Fault } from './fault.ts';

interface PartialWritesOptions {
  readonly shortWriteChance: number;
  readonly interruptedChance: number;
}

export const partialWrites: Fault<PartialWritesOptions> = {
  name: 'partial-writes',
  title: 'disks write less than they were given, and are interrupted',
  everyMs: null,
  draw: (dice: Dice) => ({
    shortWriteChance: dice.logarithmic(0.05, 0.9),
    interruptedChance: dice.chance(0.5) ? dice.fraction() * 0.5 : 0,
  }),
  begin(world: World, options: PartialWritesOptions) {
    const { nodes } = world;
    for (const node of nodes) setTrouble(node, options);
    world.struck('partial-writes', 'on all disks');
    return () => {
      for (const node of nodes) setTrouble(node, { shortWriteChance: 0, interruptedChance: 0 });
    };
  },
};
