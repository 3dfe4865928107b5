// Operators at work: every now and then one starts an action, does a step, waits, does the next, and
// is sometimes called away. Several may be at it at once.

import { seededRandom } from '@slotmesh/machine';
import { Dice, words } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { OperatorAction, OperatorContext } from './operator.ts';

export class OperatorDriver {
  readonly #world: World;
  readonly #actions: readonly OperatorAction[];
  #isOver = false;
  #number = 0;

  constructor(world: World, actions: readonly OperatorAction[]) {
    this.#world = world;
    const names = world.options.operators.actions;
    for (const name of names) {
      if (!actions.some((action) => action.name === name)) {
        throw new RangeError(`operators have no action '${name}'`);
      }
    }
    this.#actions = actions.filter((action) => names.includes(action.name));
  }

  start(): void {
    if (this.#actions.length > 0) this.#next(this.#world.dice('operators/times'));
  }

  /** Every tool is put down where it is. */
  stop(): void {
    this.#isOver = true;
  }

  #next(pauses: Dice): void {
    const { everyMs } = this.#world.options.operators;
    this.#world.after(pauses.exponential(everyMs), () => {
      if (this.#isOver) return;
      this.#begin(`operator#${++this.#number}`);
      this.#next(pauses);
    });
  }

  #begin(name: string): void {
    const world = this.#world;
    const { seed, masked } = world.options;
    if (masked.includes(name) || world.liveNodes().length === 0) return;
    const dice = new Dice(seededRandom(...words(seed, `strike/${name}`)));
    const action = choose(this.#actions, dice);
    const context: OperatorContext = { world, dice, nodes: () => world.liveNodes() };
    this.#proceed(name, action, action.run(context), dice);
  }

  #proceed(name: string, action: OperatorAction, steps: Generator<string>, dice: Dice): void {
    const { stepMs, interruption } = this.#world.options.operators;
    const step = steps.next();
    if (step.done) return;
    this.#world.note(action.name, `${name}: ${step.value}`);
    if (dice.chance(interruption)) return;
    this.#world.after(dice.exponential(stepMs), () => {
      if (!this.#isOver) this.#proceed(name, action, steps, dice);
    });
  }
}

function choose(actions: readonly OperatorAction[], dice: Dice): OperatorAction {
  const total = actions.reduce((sum, action) => sum + action.weight, 0);
  let left = dice.below(total);
  for (const action of actions) {
    left -= action.weight;
    if (left < 0) return action;
  }
  return actions[0];
}
