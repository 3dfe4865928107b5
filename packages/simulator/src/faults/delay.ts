// Messages take longer, for as long as the faults last: now and then a round trip is a good part of
// the node timeout.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault } from './fault.ts';

interface DelayOptions {
  /** Of the node timeout, one way. */
  readonly share: number;
}

export const delay: Fault<DelayOptions> = {
  name: 'delay',
  title: 'all messages take longer, by a minimum and an exponential part',
  everyMs: null,
  draw: (dice: Dice) => ({ share: dice.logarithmic(0.001, 0.1) }),
  begin(world: World, { share }: DelayOptions) {
    const { network } = world;
    const before = network.delay;
    const meanMs = share * world.options.cluster.nodeTimeoutMs;
    network.delay = { minMs: before.minMs + meanMs / 2, meanMs: before.meanMs + meanMs };
    world.struck('delay', `${meanMs.toFixed(1)} ms more on average`);
    return () => {
      network.delay = before;
    };
  },
};
