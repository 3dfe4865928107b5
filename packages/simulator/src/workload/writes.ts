// Clients that write and delete keys, wherever they are sent.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import { send } from './client.ts';
import type { Workload } from './workload.ts';

interface WritesOptions {
  /** Different slots that are written to. */
  readonly slots: number;
  /** How often a key is deleted. */
  readonly deletes: number;
}

/** Keys that are kept of a slot. */
const KEYS_MAX = 10;

export const writes: Workload<WritesOptions> = {
  name: 'writes',
  title: 'single-key writes that follow MOVED and ASK',
  everyMs: { min: 20, max: 500 },
  draw: (dice: Dice) => ({ slots: dice.between(1, 64), deletes: dice.fraction() * 0.5 }),
  act(world: World, options: WritesOptions, dice: Dice) {
    const up = world.upNodes();
    if (up.length === 0) return;
    const slot = slotOf(dice.below(options.slots));
    const isDelete = dice.chance(options.deletes);
    const served = (node: (typeof up)[number]): void => {
      const keys = node.keys.get(slot) ?? 0;
      node.setKeys(slot, isDelete ? Math.max(keys - 1, 0) : Math.min(keys + 1, KEYS_MAX));
      world.ghost.acknowledgedWrites++;
    };
    send(world, dice.pick(up), { slot, write: true, readonlyClient: false, served }, dice);
  },
};

/** Slots that lie all over the table. */
export function slotOf(n: number): number {
  return (n * 257) % SLOT_COUNT;
}
