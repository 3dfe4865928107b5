// redis-cli --cluster del-node: every other node forgets the node, one after the other, and then it is
// reset. Only nodes without slots can be taken out.

import type { OperatorAction } from './operator.ts';
import { isThere, order, resetNode, severFromAll } from './steps.ts';

export const delNode: OperatorAction = {
  name: 'del-node',
  title: 'lets everybody forget a node without slots, then resets it, as redis-cli does',
  weight: 2,
  *run(context) {
    const { world, dice } = context;
    const empty = context.nodes().filter(({ topology }) => {
      return topology.slotsOf(topology.self).count === 0;
    });
    if (empty.length === 0) return;
    const node = dice.pick(empty);
    const { id } = node;
    severFromAll(world, node);
    for (const other of world.nodes) {
      // The tool gives up at the first node that does not answer.
      if (!isThere(other)) return;
      if (other !== node) yield order(other, { kind: 'forget', id });
    }
    if (isThere(node)) yield resetNode(world, node, false);
  },
};
