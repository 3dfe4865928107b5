// Timers are late: now and then a tick comes seconds after it was due, and messages are handled all
// the time in between.

import { TICK_MS } from '../clock/node-clock.ts';
import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface LateTicksOptions {
  readonly nodesMax: number;
  /** How often a tick is late... */
  readonly chance: number;
  /** ...and by how much at most, ms. */
  readonly lateMsMax: number;
}

export const lateTicks: Fault<LateTicksOptions> = {
  name: 'late-ticks',
  title: 'ticks come late, by up to five seconds',
  everyMs: { min: 2000, max: 60_000 },
  draw: (dice: Dice) => ({
    nodesMax: dice.between(1, 6),
    chance: dice.logarithmic(0.01, 1),
    lateMsMax: Math.round(dice.logarithmic(50, 5000)),
  }),
  strike(world: World, options: LateTicksOptions, dice: Dice): Strike | null {
    const nodes = dice.sample(world.nodes, dice.between(1, options.nodesMax));
    const { chance, lateMsMax } = options;
    const tickMs = (): number => {
      return TICK_MS + (dice.chance(chance) ? dice.below(lateMsMax + 1) : 0);
    };
    for (const node of nodes) node.clock.tickMs = tickMs;
    return {
      what: nodes.map((node) => node.index).join(' '),
      forMs: dice.logarithmic(500, 20_000),
      undo: () => {
        for (const { clock } of nodes) if (clock.tickMs === tickMs) clock.tickMs = null;
      },
    };
  },
};
