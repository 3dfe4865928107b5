// A process dies again right after each start, as under a supervisor that does not know better: it
// says hello, and is gone. Whatever it does at its start it does many times, half of the times not to
// the end.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface CrashLoopOptions {
  readonly livesMax: number;
  /** Mean length of a life, and of the pause after it, ms. */
  readonly lifeMs: number;
  readonly pauseMs: number;
}

export const crashLoop: Fault<CrashLoopOptions> = {
  name: 'crash-loop',
  title: 'a process is killed soon after each of its starts',
  everyMs: { min: 3000, max: 60_000 },
  draw: (dice: Dice) => ({
    livesMax: dice.between(2, 30),
    lifeMs: dice.logarithmic(1, 2000),
    pauseMs: dice.logarithmic(1, 2000),
  }),
  strike(world: World, options: CrashLoopOptions, dice: Dice): Strike | null {
    const up = world.upNodes();
    if (up.length === 0) return null;
    const node = dice.pick(up);
    const lives = dice.between(1, options.livesMax);
    let left = lives;
    let isOver = false;
    const die = (): void => {
      if (isOver) return;
      node.stop('killed', dice);
      world.after(dice.exponential(options.pauseMs), live);
    };
    const live = (): void => {
      if (isOver) return;
      node.start();
      if (left-- > 0) world.after(dice.exponential(options.lifeMs), die);
    };
    die();
    return {
      what: `${node.index}, ${lives} times`,
      forMs: 2 * lives * (options.lifeMs + options.pauseMs) + options.pauseMs,
      undo: () => {
        isOver = true;
        node.start();
      },
    };
  },
};
