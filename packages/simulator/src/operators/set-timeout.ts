// redis-cli --cluster set-timeout: CONFIG SET cluster-node-timeout, node after node. In between, and
// for ever where the tool was cut off, nodes differ in what they call failing.

import type { OperatorAction } from './operator.ts';
import { isThere } from './steps.ts';

export const setTimeoutOption: OperatorAction = {
  name: 'set-timeout',
  title: 'gives all nodes another node timeout, one by one, as redis-cli does',
  weight: 1,
  *run(context) {
    const { world, dice } = context;
    const nodeTimeoutMs = Math.round(
      world.options.cluster.nodeTimeoutMs * dice.pick([0.5, 0.8, 1, 1.5, 3]),
    );
    for (const node of [...world.nodes]) {
      if (!isThere(node)) continue;
      node.configure({ nodeTimeoutMs });
      yield `${node.index}: node timeout ${nodeTimeoutMs} ms`;
    }
  },
};
