// A disk says that it has kept what it has not, and what the power takes away is more than POSIX
// allows: names vanish, a rename is there and the content is not.

import { JOURNALLED, WORST } from '../disk/crash.ts';
import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import { namesOf, setTrouble } from './disk-trouble.ts';
import type { Fault, Strike } from './fault.ts';

interface LyingDiskOptions {
  readonly nodesMax: number;
  readonly syncLostChance: number;
  /** How often the power fails at the end. */
  readonly powerLoss: number;
}

export const lyingDisk: Fault<LyingDiskOptions> = {
  name: 'lying-disk',
  title: 'syncs that have written nothing, and power failures that lose names',
  everyMs: { min: 5000, max: 60_000 },
  breaks: 'disk',
  draw: (dice: Dice) => ({
    nodesMax: dice.between(1, 3),
    syncLostChance: dice.logarithmic(0.01, 1),
    powerLoss: dice.fraction(),
  }),
  strike(world: World, options: LyingDiskOptions, dice: Dice): Strike | null {
    const nodes = dice.sample(world.nodes, dice.between(1, options.nodesMax));
    for (const node of nodes) {
      setTrouble(node, { syncLostChance: options.syncLostChance });
      node.disk.crashMode = WORST;
      world.ghost.rewound.add(node);
    }
    return {
      what: namesOf(nodes),
      forMs: dice.logarithmic(500, 20_000),
      undo: () => {
        for (const node of nodes) {
          if (node.isUp && dice.chance(options.powerLoss)) node.stop('powerLost', dice);
          setTrouble(node, { syncLostChance: 0 });
          node.disk.crashMode = JOURNALLED;
          node.start();
        }
      },
    };
  },
};
