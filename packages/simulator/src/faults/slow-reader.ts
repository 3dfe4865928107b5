// A process that reads too slowly: what is sent to it piles up, first on the way, then in the buffers
// of whoever sends, until those are full and the connection is given up.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface SlowReaderOptions {
  /** Longest time for one message of a connection, ms. */
  readonly messageMsMax: number;
  readonly timeoutsMax: number;
}

export const slowReader: Fault<SlowReaderOptions> = {
  name: 'slow-reader',
  title: 'a node takes its messages more slowly than they come',
  everyMs: { min: 2000, max: 60_000 },
  draw: (dice: Dice) => ({
    messageMsMax: dice.logarithmic(50, 5000),
    timeoutsMax: dice.logarithmic(0.5, 5),
  }),
  strike(world: World, options: SlowReaderOptions, dice: Dice): Strike | null {
    const node = dice.pick(world.nodes);
    const messageMs = Math.ceil(dice.logarithmic(10, options.messageMsMax));
    world.network.throttle(node, messageMs);
    return {
      what: `${node.index} takes ${messageMs} ms for a message`,
      forMs: dice.logarithmic(0.1, options.timeoutsMax) * world.options.cluster.nodeTimeoutMs,
      undo: () => world.network.throttle(node, 0),
    };
  },
};
