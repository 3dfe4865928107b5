// S31. An address goes from one cluster to another; whoever still calls it must not take who answers
// for one of its own, nor be taken in there, or two clusters become one, and one of them loses its
// slots. A liar may introduce anybody to anybody.

import type { SimNode, World } from '../world/contract.ts';
import type { Invariant } from './invariant.ts';

export const clustersStayApart: Invariant = {
  id: 'S31',
  title: "No node ever knows another cluster's node, whose address was once its neighbour's",
  source: 'redis#7330, redis#5234',
  assumes: ['bus'],
  watch: (world) => ({
    noticed(node, notice) {
      if (notice.kind !== 'nodeJoined' || world.strangers.length === 0) return null;
      const other = [...world.nodes, ...world.strangers].find(({ id }) => id === notice.id);
      if (other === undefined || isStranger(world, other) === isStranger(world, node)) return null;
      return `takes in node ${other.index}, of another cluster`;
    },
  }),
};

function isStranger({ strangers }: World, node: SimNode): boolean {
  return strangers.includes(node);
}
