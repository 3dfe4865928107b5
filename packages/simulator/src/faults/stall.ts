// An event loop that stalls again and again: garbage collection, large values, a busy machine. Each
// stall is short against the node timeout, or nearly as long.

import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';
import type { Fault } from './fault.ts';

interface StallOptions {
  readonly nodesMax: number;
  /** Mean time between two stalls of a node, ms. */
  readonly everyMs: number;
  /** Longest stall, in node timeouts. */
  readonly timeoutsMax: number;
}

const SHORTEST_MS = 10;

export const stall: Fault<StallOptions> = {
  name: 'stall',
  title: 'event loops stall again and again, from milliseconds to a node timeout',
  everyMs: null,
  draw: (dice: Dice) => ({
    nodesMax: dice.between(1, 5),
    everyMs: Math.round(dice.logarithmic(200, 10_000)),
    timeoutsMax: dice.logarithmic(0.02, 1),
  }),
  begin(world: World, options: StallOptions, dice: Dice) {
    const nodes = dice.sample(world.nodes, dice.between(1, options.nodesMax));
    const longestMs = Math.max(
      SHORTEST_MS,
      options.timeoutsMax * world.options.cluster.nodeTimeoutMs,
    );
    world.struck('stall', `${nodes.map((node) => node.index).join(' ')} now and then`);
    let isOver = false;
    const next = (node: SimNode): void => {
      world.after(dice.exponential(options.everyMs), () => {
        if (isOver) return;
        stand(world, node, dice.logarithmic(SHORTEST_MS, longestMs));
        next(node);
      });
    };
    for (const node of nodes) next(node);
    return () => {
      isOver = true;
    };
  },
};

function stand(world: World, node: SimNode, forMs: number): void {
  if (!node.isUp) return;
  const { life } = node;
  node.pause();
  world.after(forMs, () => {
    if (node.life === life) node.resume();
  });
}
