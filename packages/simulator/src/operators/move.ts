// A node gets another address: its process is stopped and started on another machine, with its
// nodes.conf, as a container platform does it.

import type { OperatorAction } from './operator.ts';
import { anyNode } from './steps.ts';

export const move: OperatorAction = {
  name: 'move',
  title: 'restarts a node with its files at another address',
  weight: 2,
  *run(context) {
    const node = anyNode(context);
    if (node === null) return;
    const { world, dice } = context;
    node.stop('killed', dice);
    yield `${node.index} is stopped to be moved`;
    if (node.isUp) return;
    const place = world.newPlace();
    yield `${node.index} starts at ${place.host}: ${node.start(place)}`;
  },
};
