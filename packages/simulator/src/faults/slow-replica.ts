// A replica that takes the stream more slowly than it comes: what waits for it piles up at its primary, until a limit
// ends it, and a snapshot may take longer than the backlog lasts (redis#13517).

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface SlowReplicaOptions {
  /** Longest time for a KiB, ms. */
  readonly kibMsMax: number;
  readonly timeoutsMax: number;
}

export const slowReplica: Fault<SlowReplicaOptions> = {
  name: 'slow-replica',
  title: 'a node takes what is replicated to it slowly',
  everyMs: { min: 2000, max: 60_000 },
  draw: (dice: Dice) => ({
    kibMsMax: dice.logarithmic(50, 5000),
    timeoutsMax: dice.logarithmic(0.5, 10),
  }),
  strike(world: World, options: SlowReplicaOptions, dice: Dice): Strike | null {
    const node = dice.pick(world.nodes);
    const kibMs = Math.ceil(dice.logarithmic(10, options.kibMsMax));
    world.network.throttleReplication(node, kibMs);
    return {
      what: `${node.index} takes ${kibMs} ms for a KiB`,
      forMs: dice.logarithmic(0.1, options.timeoutsMax) * world.options.cluster.nodeTimeoutMs,
      undo: () => world.network.throttleReplication(node, 0),
    };
  },
};
