import type { OperatorAction } from '@slotmesh/simulator';

export const bumpTwice: OperatorAction = {
  name: 'bump-twice',
  title: 'gives a node a new config epoch, and the next one some time later',
  weight: 1,
  *run({ dice, nodes }) {
    for (let step = 1; step <= 2; step++) {
      const [node] = dice.sample(nodes(), 1);
      if (node === undefined) return;
      yield `step ${step}: ${node.execute({ kind: 'bumpEpoch' }).text}`;
    }
  },
};
