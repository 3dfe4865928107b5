// Nodes come back elsewhere: another port, or another machine with the same files. One of them, some,
// or all at once, as when a whole platform restarts (redis#6128, redis#12605).

import type { Dice } from '../random.ts';
import type { Place, SimNode, World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

interface RelocateOptions {
  /** How often it is all nodes. */
  readonly all: number;
  readonly nodesMax: number;
  readonly timeoutsMax: number;
}

export const relocate: Fault<RelocateOptions> = {
  name: 'relocate',
  title: 'nodes are restarted with another IP address or port',
  everyMs: { min: 5000, max: 60_000 },
  draw: (dice: Dice) => ({
    all: dice.chance(0.2) ? dice.fraction() * 0.3 : 0,
    nodesMax: dice.between(1, 4),
    timeoutsMax: dice.logarithmic(0.01, 4),
  }),
  strike(world: World, options: RelocateOptions, dice: Dice): Strike | null {
    const count = dice.chance(options.all) ? world.nodes.length : dice.between(1, options.nodesMax);
    const nodes = dice.sample(world.upNodes(), count);
    if (nodes.length === 0) return null;
    for (const node of nodes) node.stop('killed', dice);
    const isOtherPort = dice.chance(0.3);
    return {
      what: `${nodes.map((node) => node.index).join(' ')} get ${isOtherPort ? 'ports' : 'addresses'}`,
      forMs: dice.logarithmic(0.001, options.timeoutsMax) * world.options.cluster.nodeTimeoutMs,
      undo: () => {
        for (const node of nodes) {
          if (node.isUp) continue;
          node.start(isOtherPort ? nextPort(node) : world.newPlace());
        }
      },
    };
  },
};

function nextPort({ place: { host, port } }: SimNode): Place {
  return { host, port: port + 1 };
}
