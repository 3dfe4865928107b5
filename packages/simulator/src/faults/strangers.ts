// Next door there is another cluster. Now and then a node is down, and one of the strangers is given
// its address: whoever calls the node is answered by a member of another cluster, who is called by
// its own fellows there. Two clusters have become one that way (redis#7330, redis#5234).

import { StatusBit } from '@slotmesh/topology';
import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';
import { startFromFiles } from '../world/from-files.ts';
import type { Fault, Strike } from './fault.ts';

interface StrangersOptions {
  /** Nodes of the other cluster. */
  readonly nodes: number;
  readonly timeoutsMax: number;
}

export const strangers: Fault<StrangersOptions> = {
  name: 'strangers',
  title: "a node's address is given to a node of another cluster, while the node is down",
  everyMs: { min: 3000, max: 60_000 },
  draw: (dice: Dice) => ({ nodes: dice.between(2, 4), timeoutsMax: dice.logarithmic(0.1, 5) }),
  begin(world: World, options: StrangersOptions, dice: Dice) {
    const nodes = Array.from({ length: options.nodes }, () => world.createStranger());
    startFromFiles(nodes, { voters: options.nodes, replicas: 0 }, dice);
    return () => {};
  },
  strike(world: World, options: StrangersOptions, dice: Dice): Strike | null {
    const stranger = dice.pick(world.strangers);
    const up = world.upNodes();
    if (up.length === 0 || !stranger.isUp) return null;
    const node = dice.pick(up);
    const { place } = node;
    // Whoever has a node meet an address at which strangers live gets what was asked for.
    if (isBeingMet(world, place.host)) return null;
    node.stop(dice.pick(['killed', 'powerLost']), dice);
    stranger.stop('killed', dice);
    stranger.start(place);
    return {
      what: `stranger ${stranger.index} is at the address of ${node.index}`,
      forMs: dice.logarithmic(0.01, options.timeoutsMax) * world.options.cluster.nodeTimeoutMs,
      undo: () => leave(world, { stranger, node, dice }),
    };
  },
};

/** An operator's MEET is on its way to that host, and nobody knows yet who will answer. */
function isBeingMet({ nodes }: World, host: string): boolean {
  return nodes.some(({ isUp, topology }) => {
    if (!isUp) return false;
    for (const node of topology.nodes()) {
      const isUnknown = topology.hasStatus(node, StatusBit.handshake);
      if (!isUnknown || !topology.hasStatus(node, StatusBit.meet)) continue;
      if (topology.addressOf(node).host === host) return true;
    }
    return false;
  });
}

/** The stranger moves on, and one who was waiting for the address comes back to it, or elsewhere. */
function leave(
  world: World,
  { stranger, node, dice }: { stranger: SimNode; node: SimNode; dice: Dice },
): void {
  stranger.stop('killed', dice);
  stranger.start(world.newPlace());
  if (node.isUp) return;
  if (dice.chance(0.5)) {
    node.start();
    return;
  }
  node.start(world.newPlace());
}
