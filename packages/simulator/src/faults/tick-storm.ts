// A timer makes up for what it missed: ticks follow each other at once, tens of them.

import { TICK_MS } from '../clock/node-clock.ts';
import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface TickStormOptions {
  readonly ticksMax: number;
}

export const tickStorm: Fault<TickStormOptions> = {
  name: 'tick-storm',
  title: 'many ticks at once',
  everyMs: { min: 1000, max: 60_000 },
  draw: (dice: Dice) => ({ ticksMax: dice.between(2, 100) }),
  strike(world: World, options: TickStormOptions, dice: Dice): Strike | null {
    const node = dice.pick(world.nodes);
    const ticks = dice.between(2, options.ticksMax);
    const { clock } = node;
    let left = ticks;
    const tickMs = (): number => (left-- > 0 ? 1 : TICK_MS);
    clock.tickMs = tickMs;
    return {
      what: `${node.index} ticks ${ticks} times`,
      forMs: 2 * TICK_MS + ticks,
      undo: () => {
        if (clock.tickMs === tickMs) clock.tickMs = null;
      },
    };
  },
};
