// A process ends, its data file is gone, and it is started again, often before anybody has missed it: a primary with an
// empty data set and replicas that would follow it into that (kubeblocks#10753).

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface LostDataOptions {
  /** Longest absence, in node timeouts. */
  readonly timeoutsMax: number;
}

export const lostData: Fault<LostDataOptions> = {
  name: 'lost-data',
  title: 'a process is killed, its data file is lost, and it is back soon',
  everyMs: { min: 5000, max: 60_000 },
  draw: (dice: Dice) => ({ timeoutsMax: dice.logarithmic(0.1, 4) }),
  strike(world: World, options: LostDataOptions, dice: Dice): Strike | null {
    const up = world.upNodes();
    if (up.length === 0) return null;
    const node = dice.pick(up);
    node.stop('killed', dice);
    node.loseDataFile();
    return {
      what: `${node.index}`,
      forMs: dice.logarithmic(0.001, options.timeoutsMax) * world.options.cluster.nodeTimeoutMs,
      undo: () => {
        node.start();
      },
    };
  },
};
