// What an operator does when everything is over: nodes that were taken apart meet again, ids that no
// node has any more are forgotten everywhere, and slots that were taken from their owner are given
// back. Only that: all else the cluster must mend itself.

import { NO_NODE } from '@slotmesh/topology';
import type { SimNode, World } from '../world/contract.ts';
import { knows, meetCommand, order } from './steps.ts';

/** Once, with all nodes up and reachable. */
export function repair(world: World): void {
  const { ghost, nodes } = world;
  for (const id of ghost.abandonedIds) {
    for (const node of nodes) node.execute({ kind: 'forget', id });
    world.note('repair', `all forget ${id}`);
  }
  const byIndex = new Map(nodes.map((node) => [`${node.index}`, node]));
  for (const pair of ghost.severed) {
    const [a, b] = pair.split('>').map((index) => byIndex.get(index));
    if (a === undefined || b === undefined) continue;
    if (!knows(a, b)) world.note('repair', order(a, meetCommand(b)));
  }
  const [first] = nodes;
  const haveAllMoved = nodes.every((node) => ghost.moved.has(node));
  if (haveAllMoved) for (const node of nodes) reintroduce(world, first, node);
  returnSlots(world);
  ghost.abandonedIds.clear();
  ghost.severed.clear();
  ghost.releasedSlots.clear();
  ghost.moved.clear();
}

/**
 * A slot that nobody claims, and that somebody believes to be another's, goes to that other one, in
 * the way in which redis-cli mends uncovered slots.
 */
function returnSlots(world: World): void {
  const { ghost, nodes } = world;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const returned = new Map<SimNode, number[]>();
  for (const slot of ghost.releasedSlots) {
    const owners = nodes.map(({ topology }) => topology.ownerOf(slot));
    if (nodes.some(({ topology }, i) => owners[i] === topology.self)) continue;
    const believer = nodes.findIndex(({ topology }, i) => {
      return owners[i] !== NO_NODE && byId.has(topology.idOf(owners[i]));
    });
    if (believer === -1) continue;
    const owner = byId.get(nodes[believer].topology.idOf(owners[believer])) as SimNode;
    const slots = returned.get(owner);
    if (slots === undefined) returned.set(owner, [slot]);
    else slots.push(slot);
  }
  for (const [owner, slots] of returned) {
    const taken = slots.filter((slot) => owner.topology.ownerOf(slot) !== NO_NODE);
    if (taken.length > 0) owner.execute({ kind: 'delSlots', slots: taken });
    world.note('repair', order(owner, { kind: 'addSlots', slots }));
    world.note('repair', order(owner, { kind: 'bumpEpoch' }));
  }
}

/** Nobody is where anybody looks. */
function reintroduce(world: World, first: SimNode, node: SimNode): void {
  if (node !== first) world.note('repair', order(node, meetCommand(first)));
}
