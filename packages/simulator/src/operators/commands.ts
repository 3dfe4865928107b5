// Single commands, given to any node at any time.

import { NO_NODE } from '@slotmesh/topology';
import type { Dice } from '../random.ts';
import type { SimNode } from '../world/contract.ts';
import type { OperatorAction } from './operator.ts';
import {
  anyNode,
  freeSlots,
  meetable,
  meetCommand,
  order,
  resetNode,
  SLOTS_MAX,
  severFromAll,
  someSlots,
} from './steps.ts';

export const meet: OperatorAction = {
  name: 'meet',
  title: 'lets a node meet another one, known to it or not',
  weight: 4,
  *run(context) {
    const node = anyNode(context);
    const others = meetable(context);
    if (node === null || others.length === 0) return;
    yield order(node, meetCommand(context.dice.pick(others)));
  },
};

export const meetWrongly: OperatorAction = {
  name: 'meet-wrongly',
  title: 'lets a node meet an address where nobody listens, or not on the bus',
  weight: 2,
  *run(context) {
    const node = anyNode(context);
    const others = meetable(context);
    if (node === null || others.length === 0) return;
    yield order(node, { kind: 'meet', ...wrongAddress(others, context.dice) });
  },
};

function wrongAddress(
  others: readonly SimNode[],
  dice: Dice,
): {
  host: string;
  port: number;
  busPort: number;
} {
  const { host, port } = dice.pick(others).place;
  const busPort = port + 10_000;
  return dice.pick([
    // The bus port twice (which finds the node), the client port twice, a port off, nobody there, no
    // address at all.
    { host, port: busPort, busPort },
    { host, port, busPort: port },
    { host, port: port - 1, busPort: busPort - 1 },
    { host: '10.255.255.254', port, busPort },
    { host: 'localhost', port, busPort },
    { host, port: 0, busPort: 70_000 },
  ]);
}

export const forget: OperatorAction = {
  name: 'forget',
  title: 'lets one node forget another one that is still there',
  weight: 2,
  *run(context) {
    const node = anyNode(context);
    if (node === null) return;
    const other = context.dice.pick(context.world.nodes);
    // The ban goes round: others that hear of it forget the node as well.
    severFromAll(context.world, other);
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

export const setConfigEpoch: OperatorAction = {
  name: 'set-config-epoch',
  title: 'gives a node a config epoch by hand; refused by all that know others',
  weight: 1,
  *run(context) {
    const node = anyNode(context);
    if (node === null) return;
    const { currentEpoch } = node.topology;
    const epoch = context.dice.pick([0, 1, 2, currentEpoch, currentEpoch + 1, -1]);
    yield order(node, { kind: 'setConfigEpoch', epoch });
  },
};

export const saveConfig: OperatorAction = {
  name: 'saveconfig',
  title: 'has a node save what it has saved already',
  weight: 1,
  *run(context) {
    const node = anyNode(context);
    if (node !== null) yield order(node, { kind: 'saveConfig' });
  },
};

export const addSlots: OperatorAction = {
  name: 'addslots',
  title: 'gives a node slots that have no owner in its table',
  weight: 4,
  *run(context) {
    const node = anyNode(context);
    if (node === null) return;
    const free = freeSlots(node);
    if (free.length === 0) return;
    const start = context.dice.below(free.length);
    const slots = free.slice(start, start + context.dice.between(1, SLOTS_MAX));
    yield order(node, { kind: 'addSlots', slots });
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

export const flushSlots: OperatorAction = {
  name: 'flushslots',
  title: 'takes all its slots from a node; refused by those that have keys',
  weight: 1,
  *run(context) {
    const node = anyNode(context);
    if (node === null) return;
    const { topology } = node;
    const slots = topology.slotsOf(topology.self);
    for (const slot of slots) context.world.ghost.releasedSlots.add(slot);
    yield order(node, { kind: 'flushSlots' });
  },
};

export const reset: OperatorAction = {
  name: 'reset',
  title: 'resets a node, so that it knows nobody; a hard reset gives it a new id',
  weight: 1,
  *run(context) {
    const node = anyNode(context);
    if (node !== null) yield resetNode(context.world, node, context.dice.chance(0.3));
  },
};
