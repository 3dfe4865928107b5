// Messages on an open connection are lost, come twice, or overtake each other. TCP does none of it;
// but whatever a rule concludes from the order on a connection it should survive being wrong about.

import type { Dice } from '../random.ts';
import type { Network, World } from '../world/contract.ts';
import type { Fault } from './fault.ts';

type LossyOptions = NonNullable<Network['beyondTcp']>;

export const lossy: Fault<LossyOptions> = {
  name: 'lossy',
  title: 'messages of open connections are lost, doubled or swapped',
  everyMs: null,
  breaks: 'tcp',
  draw: (dice: Dice) => ({
    loss: dice.chance(0.7) ? dice.fraction() * 0.3 : 0,
    duplicate: dice.chance(0.7) ? dice.fraction() * 0.5 : 0,
    reorder: dice.chance(0.7) ? dice.fraction() * 0.5 : 0,
  }),
  begin(world: World, options: LossyOptions) {
    world.network.beyondTcp = options;
    const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
    const { loss, duplicate, reorder } = options;
    world.struck(
      'lossy',
      `${percent(loss)} lost, ${percent(duplicate)} doubled, ${percent(reorder)} swapped`,
    );
    return () => {
      world.network.beyondTcp = null;
    };
  },
};
