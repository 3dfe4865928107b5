// A cluster in the middle of an upgrade: some nodes go on by the peers' rules, without the lease that
// ours keep for their writes.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface PeerRulesOptions {
  readonly nodesMax: number;
}

export const peerRules: Fault<PeerRulesOptions> = {
  name: 'peer-rules',
  title: 'nodes are restarted with the other choice of each switch back to the peers',
  everyMs: { min: 5000, max: 60_000 },
  draw: (dice: Dice) => ({ nodesMax: dice.between(1, 4) }),
  strike(world: World, options: PeerRulesOptions, dice: Dice): Strike | null {
    const nodes = dice.sample(world.upNodes(), dice.between(1, options.nodesMax));
    if (nodes.length === 0) return null;
    for (const node of nodes) {
      const { lease } = node.core.options;
      node.stop('killed', dice);
      node.configure({ lease: !lease });
      node.start();
    }
    const { lease } = world.options.cluster;
    return {
      what: nodes.map((node) => `${node.index}: lease ${node.core.options.lease}`).join(', '),
      forMs: dice.logarithmic(1000, 60_000),
      undo: () => {
        for (const node of nodes) node.configure({ lease });
      },
    };
  },
};
