// A file system is mounted read-only, as the system does after an error of its own: every change
// fails with EROFS, and what is there can be read.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import { namesOf, revive } from './disk-trouble.ts';
import type { Fault, Strike } from './fault.ts';

interface ReadOnlyOptions {
  readonly nodesMax: number;
}

export const diskReadOnly: Fault<ReadOnlyOptions> = {
  name: 'disk-read-only',
  title: 'file systems turn read-only',
  everyMs: { min: 3000, max: 60_000 },
  draw: (dice: Dice) => ({ nodesMax: dice.between(1, 4) }),
  strike(world: World, options: ReadOnlyOptions, dice: Dice): Strike | null {
    const nodes = dice.sample(world.nodes, dice.between(1, options.nodesMax));
    for (const { disk } of nodes) disk.faults.isReadOnly = true;
    return {
      what: namesOf(nodes),
      forMs: dice.logarithmic(100, 20_000),
      undo: () => {
        for (const { disk } of nodes) disk.faults.isReadOnly = false;
        revive(nodes);
      },
    };
  },
};
