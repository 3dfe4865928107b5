// An operator restores a machine from a snapshot of its disk: the node is back with an identity, an
// epoch and slots of some time ago, and does not know of what it has said since.

import type { DiskImage } from '../disk/crash.ts';
import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface SnapshotOptions {
  /** Between the snapshot and its use, ms, at most. */
  readonly ageMsMax: number;
}

export const staleSnapshot: Fault<SnapshotOptions> = {
  name: 'stale-snapshot',
  title: 'a node is started from an older state of its disk',
  everyMs: { min: 5000, max: 60_000 },
  breaks: 'disk',
  draw: (dice: Dice) => ({ ageMsMax: Math.round(dice.logarithmic(500, 40_000)) }),
  strike(world: World, options: SnapshotOptions, dice: Dice): Strike | null {
    const node = dice.pick(world.nodes);
    const image = node.disk.files.image();
    return {
      what: `of ${node.index}`,
      forMs: dice.between(1, options.ageMsMax),
      undo: () => restore(world, { node, image, dice }),
    };
  },
};

function restore(
  world: World,
  { node, image, dice }: { node: SimNode; image: DiskImage; dice: Dice },
): void {
  if (node.isUp) node.stop('killed', dice);
  node.disk.files.restore(image);
  world.ghost.rewound.add(node);
  node.start();
}
