// Swizzle-clogging: routes are stopped one after the other, and released in another order. What was
// meant to arrive together arrives in every order (FoundationDB found most of its bugs so).

import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';
import type { Cut } from './cuts.ts';
import type { Fault, Strike } from './fault.ts';

interface SwizzleOptions {
  /** Of all routes. */
  readonly shareMax: number;
  /** From the first route's end to the last one's, in node timeouts. */
  readonly timeoutsMax: number;
}

export const swizzle: Fault<SwizzleOptions> = {
  name: 'swizzle',
  title: 'routes stop one by one, and go on in another order',
  everyMs: { min: 3000, max: 60_000 },
  draw: (dice: Dice) => ({
    shareMax: dice.logarithmic(0.05, 1),
    timeoutsMax: dice.logarithmic(0.1, 3),
  }),
  strike(world: World, options: SwizzleOptions, dice: Dice): Strike | null {
    const routes = routesOf(world.nodes);
    if (routes.length === 0) return null;
    const most = Math.ceil(routes.length * options.shareMax);
    const stopped = dice.sample(routes, dice.between(1, most));
    const forMs = dice.logarithmic(0.05, options.timeoutsMax) * world.options.cluster.nodeTimeoutMs;
    const held = new Set<Cut>();
    const release = (route: Cut): void => {
      if (held.delete(route)) world.network.release(...route);
    };
    let isOver = false;
    const later = (run: () => void): void => {
      world.after(dice.fraction() * forMs, () => {
        if (!isOver) run();
      });
    };
    for (const route of stopped) {
      later(() => {
        held.add(route);
        world.network.hold(...route);
        later(() => release(route));
      });
    }
    return {
      what: `${stopped.length} of ${routes.length} routes within ${Math.round(forMs)} ms`,
      forMs: 2 * forMs + 1,
      undo: () => {
        isOver = true;
        for (const route of [...held]) release(route);
      },
    };
  },
};

function routesOf(nodes: readonly SimNode[]): Cut[] {
  return nodes.flatMap((from) => nodes.flatMap((to): Cut[] => (from === to ? [] : [[from, to]])));
}
