// A router forgets a connection: neither end is told, both go on writing, and nothing arrives. Some
// time later the network answers for the connection that nobody knows, and it breaks.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface HalfOpenOptions {
  readonly connectionsMax: number;
  /** Until writers are told, in node timeouts. */
  readonly timeoutsMax: number;
}

export const halfOpen: Fault<HalfOpenOptions> = {
  name: 'half-open',
  title: 'connections that are dead, and that one end or both believe in',
  everyMs: { min: 500, max: 30_000 },
  draw: (dice: Dice) => ({
    connectionsMax: dice.between(1, 10),
    timeoutsMax: dice.logarithmic(0.1, 2),
  }),
  strike(world: World, options: HalfOpenOptions, dice: Dice): Strike | null {
    const { network } = world;
    const all = network.connections();
    if (all.length === 0) return null;
    const dead = dice.sample(all, dice.between(1, options.connectionsMax));
    for (const one of dead) network.reset(one, dice.pick(['nobody', 'nobody', 'from', 'to']));
    return {
      what: dead.map(({ from, to }) => `${from.index}>${to.index}`).join(' '),
      forMs: dice.logarithmic(0.05, options.timeoutsMax) * world.options.cluster.nodeTimeoutMs,
      undo: () => {
        for (const one of dead) network.mend(one);
      },
    };
  },
};
