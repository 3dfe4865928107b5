// Clients that read, some of them from replicas.

import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';
import { send } from './client.ts';
import type { Workload } from './workload.ts';
import { slotOf } from './writes.ts';

interface ReadsOptions {
  readonly slots: number;
  /** How many of the clients have sent READONLY. */
  readonly readonlyClients: number;
}

export const reads: Workload<ReadsOptions> = {
  name: 'reads',
  title: 'single-key reads that follow MOVED and ASK, some by READONLY clients',
  everyMs: { min: 20, max: 1000 },
  draw: (dice: Dice) => ({ slots: dice.between(1, 64), readonlyClients: dice.fraction() }),
  act(world: World, options: ReadsOptions, dice: Dice) {
    const up = world.upNodes();
    if (up.length === 0) return;
    const slot = slotOf(dice.below(options.slots));
    const readonlyClient = dice.chance(options.readonlyClients);
    const served = (node: SimNode): void => world.ghost.writes.noteRead(node, slot);
    send(world, dice.pick(up), { slot, write: false, readonlyClient, served }, dice);
  },
};
