// What an operator does when everything is over: nodes that were taken apart meet again, and ids that
// no node has any more are forgotten everywhere. Only that: all else the cluster must mend itself.

import type { SimNode, World } from '../world/contract.ts';
import { knows, meetCommand, order } from './steps.ts';

/** Once, with all nodes up and reachable. */
export function repair(world: World): void {
  const { ghost, nodes } = world;
  for (const id of ghost.abandonedIds) {
    for (const node of nodes) node.execute({ kind: 'forget', id });
    world.note('repair', `all forget ${id}`);
  }
  for (const pair of ghost.severed) {
    const [a, b] = pair.split('>').map((index) => nodes[Number(index)]);
    if (!knows(a, b)) world.note('repair', order(a, meetCommand(b)));
  }
  const [first] = nodes;
  const haveAllMoved = nodes.every((node) => ghost.moved.has(node));
  if (haveAllMoved) for (const node of nodes) reintroduce(world, first, node);
  ghost.abandonedIds.clear();
  ghost.severed.clear();
  ghost.moved.clear();
}

/** Nobody is where anybody looks. */
function reintroduce(world: World, first: SimNode, node: SimNode): void {
  if (node !== first) world.note('repair', order(node, meetCommand(first)));
}
