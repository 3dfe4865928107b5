// Lets the faults of a run strike, each by its own dice and at its own times, and ends what they did
// when everything heals.

import { seededRandom } from '@slotmesh/machine';
import type { FaultSetting } from '../options.ts';
import { Dice, words } from '../random.ts';
import type { World } from '../world/contract.ts';
import type { Fault, Strike } from './fault.ts';

export class FaultDriver {
  readonly #world: World;
  readonly #faults: ReadonlyMap<string, Fault>;
  /** What is to be ended, oldest first. */
  readonly #open = new Set<() => void>();
  #isOver = false;

  constructor(world: World, faults: readonly Fault[]) {
    this.#world = world;
    this.#faults = new Map(faults.map((fault) => [fault.name, fault]));
  }

  start(): void {
    for (const setting of this.#world.options.faults) {
      const fault = this.#faults.get(setting.name);
      if (fault === undefined) throw new RangeError(`there is no fault '${setting.name}'`);
      const { breaks } = fault;
      if (breaks !== undefined && !this.#world.options.beyond.includes(breaks)) {
        throw new RangeError(
          `the fault '${fault.name}' breaks '${breaks}': allow it with \`beyond\``,
        );
      }
      if (fault.begin !== undefined) {
        const dice = this.#world.dice(`fault/${fault.name}`);
        this.#open.add(fault.begin(this.#world, setting.options, dice));
      }
      if (fault.strike !== undefined) this.#strikeOn(fault, setting);
    }
  }

  /** Ends every fault. None strikes any more. */
  heal(): void {
    this.#isOver = true;
    for (const undo of this.#open) undo();
    this.#open.clear();
  }

  #strikeOn(fault: Fault, setting: FaultSetting): void {
    const world = this.#world;
    const { seed, masked } = world.options;
    const pauses = world.dice(`fault/${fault.name}/times`);
    let number = 0;
    const next = (): void => {
      world.after(pauses.exponential(setting.everyMs), () => {
        if (this.#isOver) return;
        const name = `${fault.name}#${++number}`;
        const dice = new Dice(seededRandom(...words(seed, `strike/${name}`)));
        if (!masked.includes(name)) {
          this.#take(fault, fault.strike?.(world, setting.options, dice) ?? null, name);
        }
        next();
      });
    };
    next();
  }

  #take(fault: Fault, strike: Strike | null, name: string): void {
    if (strike === null) return;
    const { what, forMs, undo } = strike;
    this.#world.struck(fault.name, `${name}: ${what}`);
    if (forMs === 0) {
      undo();
      return;
    }
    this.#open.add(undo);
    this.#world.after(forMs, () => {
      if (!this.#open.delete(undo)) return;
      this.#world.note('healed', name);
      undo();
    });
  }
}
