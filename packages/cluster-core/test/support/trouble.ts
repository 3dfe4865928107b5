// What may happen to any cluster: time passes, processes end and stand still, the network breaks and heals.

import type { SimCluster } from './sim-cluster.ts';

export type Trouble =
  | { readonly kind: 'run'; readonly ms: number }
  | {
      readonly kind: 'kill' | 'restart' | 'pause' | 'wake' | 'isolate';
      readonly node: number;
    }
  | { readonly kind: 'cut'; readonly node: number; readonly other: number }
  | { readonly kind: 'lose'; readonly percent: number }
  | { readonly kind: 'heal' };

export function strike(sim: SimCluster, trouble: Trouble): void {
  switch (trouble.kind) {
    case 'run':
      sim.run(trouble.ms);
      break;
    case 'kill':
      sim.nodes[trouble.node].kill();
      break;
    case 'restart':
      sim.nodes[trouble.node].restart();
      break;
    case 'pause':
      sim.nodes[trouble.node].isPaused = true;
      break;
    case 'wake':
      sim.nodes[trouble.node].isPaused = false;
      break;
    case 'isolate': {
      const alone = sim.nodes[trouble.node];
      sim.partition(
        [alone],
        sim.nodes.filter((other) => other !== alone),
      );
      break;
    }
    case 'cut':
      sim.cut(sim.nodes[trouble.node], sim.nodes[trouble.other]);
      break;
    case 'lose':
      sim.loss = () => sim.random.below(100) < trouble.percent;
      break;
    case 'heal':
      sim.heal();
      sim.loss = () => false;
      break;
    default:
      throw new Error(`what is ${JSON.stringify(trouble satisfies never)}?`);
  }
}
