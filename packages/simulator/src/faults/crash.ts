// Processes end, alone or with their machine, and are started again after a while.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface CrashOptions {
  /** How often the power goes with the process. */
  readonly powerLoss: number;
  /** Most nodes that go at once. */
  readonly nodesMax: number;
  /** Longest absence, in node timeouts. */
  readonly timeoutsMax: number;
}

export const crash: Fault<CrashOptions> = {
  name: 'crash',
  title: 'processes are killed, or machines lose their power, and come back later',
  everyMs: { min: 1000, max: 60_000 },
  draw: (dice: Dice) => ({
    powerLoss: dice.fraction(),
    nodesMax: dice.between(1, 4),
    timeoutsMax: dice.logarithmic(0.1, 8),
  }),
  strike(world: World, options: CrashOptions, dice: Dice): Strike | null {
    const nodes = dice.sample(world.upNodes(), dice.between(1, options.nodesMax));
    if (nodes.length === 0) return null;
    const end = dice.chance(options.powerLoss) ? 'powerLost' : 'killed';
    for (const node of nodes) node.stop(end, dice);
    const { nodeTimeoutMs } = world.options.cluster;
    return {
      what: `${end} ${nodes.map((node) => node.index).join(' ')}`,
      // Some are back before anybody notices.
      forMs: dice.logarithmic(0.001, options.timeoutsMax) * nodeTimeoutMs,
      undo: () => {
        for (const node of nodes) node.start();
      },
    };
  },
};
