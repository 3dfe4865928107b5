// Connections break, with what was on its way; both ends notice, or one of them goes on believing.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface ResetOptions {
  readonly connectionsMax: number;
  /** How often one end is not told. */
  readonly halfOpen: number;
}

export const reset: Fault<ResetOptions> = {
  name: 'reset',
  title: 'connections of the bus break, noticed by both ends or by one alone',
  everyMs: { min: 200, max: 20_000 },
  draw: (dice: Dice) => ({
    connectionsMax: dice.between(1, 10),
    halfOpen: dice.chance(0.5) ? dice.fraction() : 0,
  }),
  strike(world: World, options: ResetOptions, dice: Dice): Strike | null {
    const { network } = world;
    const all = network.connections();
    if (all.length === 0) return null;
    const broken = dice.sample(all, dice.between(1, options.connectionsMax));
    for (const connection of broken) {
      const told = dice.chance(options.halfOpen) ? dice.pick(['from', 'to'] as const) : 'both';
      network.reset(connection, told);
    }
    return {
      what: broken.map(({ from, to }) => `${from.index}>${to.index}`).join(' '),
      forMs: 0,
      undo: () => {},
    };
  },
};
