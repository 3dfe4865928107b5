// Two nodes come back with each other's address: whoever calls the one is answered by the other.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface SwapOptions {
  readonly timeoutsMax: number;
}

export const swapAddresses: Fault<SwapOptions> = {
  name: 'swap-addresses',
  title: 'two nodes are restarted, each at the address of the other',
  everyMs: { min: 5000, max: 60_000 },
  draw: (dice: Dice) => ({ timeoutsMax: dice.logarithmic(0.01, 4) }),
  strike(world: World, options: SwapOptions, dice: Dice): Strike | null {
    const up = world.upNodes();
    if (up.length < 2) return null;
    const [one, other] = dice.sample(up, 2);
    for (const node of [one, other]) node.stop('killed', dice);
    return {
      what: `${one.index} and ${other.index}`,
      forMs: dice.logarithmic(0.001, options.timeoutsMax) * world.options.cluster.nodeTimeoutMs,
      undo: () => {
        if (one.isUp || other.isUp) return;
        const [onePlace, otherPlace] = [one.place, other.place];
        one.start(otherPlace);
        other.start(onePlace);
      },
    };
  },
};
