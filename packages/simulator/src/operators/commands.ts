// Single commands, given to any node at any time.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { NO_NODE } from '@slotmesh/topology';
import type { Dice } from '../random.ts';
import type { OperatorAction } from './operator.ts';
import { anyNode, meetCommand, order, sever } from './steps.ts';

const SLOTS_MAX = 200;

export const meet: OperatorAction = {
  name: 'meet',
  title: 'lets a node meet another one, known to it or not',
  weight: 4,
  *run(context) {
    const node = anyNode(context);
    if (node !== null) yield order(node, meetCommand(context.dice.pick(context.world.nodes)));
  },
};

export const forget: OperatorAction = {
  name: 'forget',
  title: 'lets one node forget another one that is still there',
  weight: 2,
  *run(context) {
    const node = anyNode(context);
    if (node === null) return;
    const other = context.dice.pick(context.world.nodes);
    // The ban goes round: others that hear of it forget the node as well.
    for (const one of context.world.nodes) {
      sever(context.world, one, other);
      sever(context.world, other, one);
    }
    yield order(node, { kind: 'forget', id: other.id });
  },
};

export const bumpEpoch: OperatorAction = {
  name: 'bumpepoch',
  title: 'gives a node a new config epoch without asking anybody',
  weight: 3,
  *run(context) {
    const node = anyNode(context);
    if (node !== null) yield order(node, { kind: 'bumpEpoch' });
  },
};

export const addSlots: OperatorAction = {
  name: 'addslots',
  title: 'gives a node slots that have no owner in its table',
  weight: 4,
  *run(context) {
    const node = anyNode(context);
    if (node === null) return;
    const { topology } = node;
    const free = someSlots(context.dice).filter((slot) => topology.ownerOf(slot) === NO_NODE);
    if (free.length > 0) yield order(node, { kind: 'addSlots', slots: free });
  },
};

export const delSlots: OperatorAction = {
  name: 'delslots',
  title: "takes slots out of a node's table, its own ones or another node's",
  weight: 3,
  *run(context) {
    const node = anyNode(context);
    if (node === null) return;
    const { topology } = node;
    const taken = someSlots(context.dice).filter((slot) => topology.ownerOf(slot) !== NO_NODE);
    if (taken.length > 0) yield order(node, { kind: 'delSlots', slots: taken });
  },
};

export const reset: OperatorAction = {
  name: 'reset',
  title: 'resets a node, so that it knows nobody; a hard reset gives it a new id',
  weight: 1,
  *run(context) {
    const node = anyNode(context);
    if (node === null) return;
    const { world, dice } = context;
    const { id, topology } = node;
    for (const slot of topology.slotsOf(topology.self)) world.ghost.releasedSlots.add(slot);
    for (const other of world.nodes) {
      sever(world, node, other);
      sever(world, other, node);
    }
    const done = order(node, { kind: 'reset', hard: dice.chance(0.3) });
    if (node.id !== id) world.ghost.abandonedIds.add(id);
    yield done;
  },
};

/** A run of neighbouring slots. */
function someSlots(dice: Dice): number[] {
  const start = dice.below(SLOT_COUNT);
  const count = Math.min(dice.between(1, SLOTS_MAX), SLOT_COUNT - start);
  return Array.from({ length: count }, (_, k) => start + k);
}
