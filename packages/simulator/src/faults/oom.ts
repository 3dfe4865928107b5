// A process runs out of memory: it stands still while the machine swaps, with ever more input before
// it, and is then killed with all of it. A supervisor starts it again at once.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface OomOptions {
  /** Longest stand before the end, in node timeouts. */
  readonly timeoutsMax: number;
  /** Longest time until it is started again, ms. */
  readonly restartMsMax: number;
}

export const oom: Fault<OomOptions> = {
  name: 'oom',
  title: 'a process stands still, is killed with all that waits for it, and starts again',
  everyMs: { min: 2000, max: 60_000 },
  draw: (dice: Dice) => ({
    timeoutsMax: dice.logarithmic(0.05, 2),
    restartMsMax: dice.logarithmic(1, 3000),
  }),
  strike(world: World, options: OomOptions, dice: Dice): Strike | null {
    const live = world.liveNodes();
    if (live.length === 0) return null;
    const node = dice.pick(live);
    const { life } = node;
    node.pause();
    return {
      what: `${node.index}`,
      forMs: dice.logarithmic(0.01, options.timeoutsMax) * world.options.cluster.nodeTimeoutMs,
      undo: () => {
        if (node.life !== life || !node.isUp) return;
        node.stop('killed', dice);
        world.after(dice.fraction() * options.restartMsMax, () => node.start());
      },
    };
  },
};
