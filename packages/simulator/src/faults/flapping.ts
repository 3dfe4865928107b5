// A cut that comes and goes, each half a node timeout: connections never stay gone for long enough to
// be noticed, nor there for long enough to be of use.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';
import { CUT_MODES, type CutMode, cutsOf, describeCuts } from './cuts.ts';
import type { Fault, Strike } from './fault.ts';

interface FlappingOptions {
  readonly modes: readonly CutMode[];
  /** From one change to the next, in node timeouts. */
  readonly periodTimeouts: number;
  /** Most changes of one strike. */
  readonly changesMax: number;
}

export const flapping: Fault<FlappingOptions> = {
  name: 'flapping',
  title: 'a cut that opens and closes again and again',
  everyMs: { min: 5000, max: 60_000 },
  draw: (dice: Dice) => ({
    modes: dice.sample(CUT_MODES, dice.between(1, CUT_MODES.length)),
    periodTimeouts: dice.logarithmic(0.2, 1),
    changesMax: dice.between(4, 20),
  }),
  strike(world: World, options: FlappingOptions, dice: Dice): Strike | null {
    const { nodes, network } = world;
    if (nodes.length < 2) return null;
    const mode = dice.pick(options.modes);
    const cuts = cutsOf(mode, dice.shuffle(nodes), dice);
    const periodMs = options.periodTimeouts * world.options.cluster.nodeTimeoutMs;
    let isCut = false;
    let isOver = false;
    const change = (): void => {
      isCut = !isCut;
      for (const [from, to] of cuts) {
        if (isCut) network.hold(from, to);
        else network.release(from, to);
      }
    };
    const flap = (): void => {
      if (isOver) return;
      change();
      world.after(periodMs, flap);
    };
    flap();
    return {
      what: `${mode} ${describeCuts(cuts)} each ${Math.round(periodMs)} ms`,
      forMs: dice.between(1, options.changesMax) * periodMs,
      undo: () => {
        isOver = true;
        if (isCut) change();
      },
    };
  },
};
