// What a disk has kept is not what was written: a bit has turned over, or the end of a file is gone,
// or reads as zeros. A node that starts from such a file must refuse it; an operator starts it anew
// when everything is over.

import { flipBit, loseTail } from '../disk/damage.ts';
import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';
import { NODES_FILE } from '../world/nodes-file.ts';
import type { Fault, Strike } from './fault.ts';

interface DamageOptions {
  /** How often it is one bit, and not the end of the file. */
  readonly flip: number;
}

export const damage: Fault<DamageOptions> = {
  name: 'damage',
  title: "a bit of a node's file turns over, or its end is lost",
  everyMs: { min: 20_000, max: 120_000 },
  draw: (dice: Dice) => ({ flip: dice.fraction() }),
  strike(world: World, options: DamageOptions, dice: Dice): Strike | null {
    const up = world.upNodes();
    // One that goes on knows who the others are.
    if (up.length < 2) return null;
    const node = dice.pick(up);
    node.stop('killed', dice);
    const what = spoil(node, dice, dice.chance(options.flip));
    const isRunning = node.start();
    return {
      what: `${node.index} ${what}: ${isRunning ? 'starts' : 'does not start'}`,
      forMs: 0,
      undo: () => {},
    };
  },
};

function spoil({ disk }: SimNode, dice: Dice, flips: boolean): string {
  if (flips) return `has another bit ${flipBit(disk.files, NODES_FILE, dice)}`;
  const zeros = dice.chance(0.5);
  return `${loseTail(disk.files, NODES_FILE, dice, zeros)} bytes${zeros ? ', then zeros' : ''}`;
}
