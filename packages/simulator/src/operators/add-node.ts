// redis-cli --cluster add-node: a node that knows nobody is sent to meet a member. Sometimes two of
// them, and sometimes one that has just been added elsewhere.

import type { OperatorAction } from './operator.ts';
import { anyNode, isThere, meetable, meetCommand, order, severFromAll } from './steps.ts';

/** A run does not grow for ever. */
const NODES_MAX = 24;

export const addNode: OperatorAction = {
  name: 'add-node',
  title: 'starts a node and lets it meet a member, as redis-cli --cluster add-node does',
  weight: 2,
  *run(context) {
    const { world, dice } = context;
    if (world.nodes.length >= NODES_MAX) return;
    const node = world.addNode();
    severFromAll(world, node);
    yield `${node.index} is started`;
    if (!isThere(node)) return;
    const members = meetable(context).filter((one) => one !== node);
    yield order(node, meetCommand(dice.pick(members)));
    // The tool asks each node what it knows until all agree; somebody impatient runs it again.
    const other = anyNode(context);
    if (other === null || !meetable(context).includes(node)) return;
    if (dice.chance(0.3)) yield order(other, meetCommand(node));
  },
};
