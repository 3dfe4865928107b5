// A route is clogged: for seconds nothing gets through in one direction, and then everything does.
// Rarer than delays, and far longer.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface ClogOptions {
  readonly longestMs: number;
}

export const clog: Fault<ClogOptions> = {
  name: 'clog',
  title: 'what one node sends to another is stuck for up to five seconds',
  everyMs: { min: 300, max: 20_000 },
  draw: (dice: Dice) => ({ longestMs: dice.logarithmic(200, 5000) }),
  strike(world: World, { longestMs }: ClogOptions, dice: Dice): Strike | null {
    const { nodes, network } = world;
    if (nodes.length < 2) return null;
    const [from, to] = dice.sample(nodes, 2);
    network.hold(from, to);
    return {
      what: `${from.index}>${to.index}`,
      forMs: dice.logarithmic(10, longestMs),
      undo: () => network.release(from, to),
    };
  },
};
