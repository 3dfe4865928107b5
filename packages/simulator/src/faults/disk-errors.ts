// Disks fail: a sync or another operation ends with EIO, once, or from then on for all of them. A
// node that could not save ends; what it had begun to write is half there.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import { namesOf, revive, setTrouble } from './disk-trouble.ts';
import type { Fault, Strike } from './fault.ts';

interface DiskErrorsOptions {
  readonly syncErrorChance: number;
  readonly ioErrorChance: number;
  /** How often an error stays. */
  readonly stickyChance: number;
  readonly nodesMax: number;
}

export const diskErrors: Fault<DiskErrorsOptions> = {
  name: 'disk-errors',
  title: 'syncs and other operations of disks fail with EIO, once or until repaired',
  everyMs: { min: 2000, max: 60_000 },
  draw: (dice: Dice) => ({
    syncErrorChance: dice.logarithmic(0.001, 0.5),
    ioErrorChance: dice.chance(0.5) ? dice.logarithmic(0.001, 0.1) : 0,
    stickyChance: dice.fraction(),
    nodesMax: dice.between(1, 4),
  }),
  strike(world: World, options: DiskErrorsOptions, dice: Dice): Strike | null {
    const nodes = dice.sample(world.nodes, dice.between(1, options.nodesMax));
    const { syncErrorChance, ioErrorChance, stickyChance } = options;
    for (const node of nodes) setTrouble(node, { syncErrorChance, ioErrorChance, stickyChance });
    return {
      what: namesOf(nodes),
      forMs: dice.logarithmic(100, 20_000),
      undo: () => {
        for (const node of nodes) setTrouble(node, { syncErrorChance: 0, ioErrorChance: 0 });
        revive(nodes);
      },
    };
  },
};
