// Processes stand still: stopped by a signal, swapped out, or busy with something long. What is sent
// to them waits; their clocks go on.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface PauseOptions {
  readonly nodesMax: number;
  /** Longest pause, in node timeouts. */
  readonly timeoutsMax: number;
}

export const pause: Fault<PauseOptions> = {
  name: 'pause',
  title: 'processes stand still, from some milliseconds to several node timeouts',
  everyMs: { min: 500, max: 60_000 },
  draw: (dice: Dice) => ({
    nodesMax: dice.between(1, 3),
    timeoutsMax: dice.logarithmic(0.05, 5),
  }),
  strike(world: World, options: PauseOptions, dice: Dice): Strike | null {
    const nodes = dice.sample(world.liveNodes(), dice.between(1, options.nodesMax));
    if (nodes.length === 0) return null;
    for (const node of nodes) node.pause();
    const lives = nodes.map((node) => node.life);
    const forMs = dice.logarithmic(10, options.timeoutsMax * world.options.cluster.nodeTimeoutMs);
    return {
      what: `${nodes.map((node) => node.index).join(' ')} for ${Math.round(forMs)} ms`,
      forMs,
      undo: () => {
        nodes.forEach((node, i) => {
          if (node.life === lives[i]) node.resume();
        });
      },
    };
  },
};
