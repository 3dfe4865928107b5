// redis-cli --cluster create, in its order: slots for each node, a config epoch for each, then all of
// them meet the first. Of nodes that were started for it; whether another cluster is there already the
// tool does not ask, and the repair at the end lets the two become one.

import type { SimNode } from '../world/contract.ts';
import { sharesOf } from '../world/from-files.ts';
import type { OperatorAction } from './operator.ts';
import { isThere, meetable, meetCommand, order, severFromAll } from './steps.ts';

const NODES_MAX = 24;
const PRIMARIES = 3;

export const create: OperatorAction = {
  name: 'create',
  title: 'makes a second cluster of new nodes, as redis-cli --cluster create does',
  weight: 1,
  *run(context) {
    const { world } = context;
    if (world.nodes.length + PRIMARIES > NODES_MAX) return;
    const nodes: SimNode[] = [];
    for (let i = 0; i < PRIMARIES; i++) {
      const node = world.addNode();
      severFromAll(world, node);
      nodes.push(node);
      yield `${node.index} is started`;
    }
    const shares = sharesOf(PRIMARIES);
    for (const [i, node] of nodes.entries()) {
      if (!isThere(node)) return;
      yield order(node, { kind: 'addSlots', slots: [...shares[i]] });
    }
    for (const [i, node] of nodes.entries()) {
      if (!isThere(node)) return;
      yield order(node, { kind: 'setConfigEpoch', epoch: i + 1 });
    }
    for (const node of nodes.slice(1)) {
      if (!isThere(node) || !meetable(context).includes(nodes[0])) return;
      yield order(node, meetCommand(nodes[0]));
    }
  },
};
