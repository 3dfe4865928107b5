// Volumes are mixed up: two nodes find each other's file, or one starts from a copy of another's and
// there are two of one name, until somebody notices (A17).

import { swapFiles } from '../disk/damage.ts';
import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';
import { NODES_FILE } from '../world/nodes-file.ts';
import type { Fault, Strike } from './fault.ts';

interface SwappedFilesOptions {
  /** How often it is a copy. */
  readonly copy: number;
  readonly timeoutsMax: number;
}

export const swappedFiles: Fault<SwappedFilesOptions> = {
  name: 'swapped-files',
  title: "nodes start from each other's files, or from copies of them",
  everyMs: { min: 8000, max: 60_000 },
  breaks: 'disk',
  draw: (dice: Dice) => ({ copy: dice.fraction(), timeoutsMax: dice.logarithmic(0.5, 5) }),
  strike(world: World, options: SwappedFilesOptions, dice: Dice): Strike | null {
    if (world.nodes.length < 2) return null;
    const [one, other] = dice.sample(world.nodes, 2);
    const forMs = dice.logarithmic(0.1, options.timeoutsMax) * world.options.cluster.nodeTimeoutMs;
    for (const node of [one, other]) world.ghost.rewound.add(node);
    return dice.chance(options.copy)
      ? copied(one, other, { forMs, dice })
      : swapped(one, other, { forMs, dice });
  },
};

interface Times {
  readonly forMs: number;
  readonly dice: Dice;
}

function swapped(one: SimNode, other: SimNode, { forMs, dice }: Times): Strike {
  const swap = (): void => {
    for (const node of [one, other]) node.stop('killed', dice);
    swapFiles(one.disk.files, other.disk.files, NODES_FILE);
    for (const node of [one, other]) node.start();
  };
  swap();
  return { what: `those of ${one.index} and ${other.index}`, forMs, undo: swap };
}

function copied(one: SimNode, other: SimNode, { forMs, dice }: Times): Strike {
  const own = one.disk.files.image();
  const foreign = other.disk.files.image();
  one.stop('killed', dice);
  one.disk.files.restore(foreign);
  one.start();
  return {
    what: `${one.index} has a copy of that of ${other.index}`,
    forMs,
    undo: () => {
      one.stop('killed', dice);
      one.disk.files.restore(own);
      one.start();
    },
  };
}
