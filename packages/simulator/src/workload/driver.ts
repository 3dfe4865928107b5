// Lets the clients of a run act, each kind by its own dice.

import type { WorkloadSetting } from '../options.ts';
import type { World } from '../world/contract.ts';
import type { Workload } from './workload.ts';

export class WorkloadDriver {
  readonly #world: World;
  readonly #workloads: ReadonlyMap<string, Workload>;
  #isOver = false;

  constructor(world: World, workloads: readonly Workload[]) {
    this.#world = world;
    this.#workloads = new Map(workloads.map((one) => [one.name, one]));
  }

  start(): void {
    for (const setting of this.#world.options.workloads) {
      const workload = this.#workloads.get(setting.name);
      if (workload === undefined) throw new RangeError(`there is no workload '${setting.name}'`);
      this.#drive(workload, setting);
    }
  }

  stop(): void {
    this.#isOver = true;
  }

  #drive(workload: Workload, setting: WorkloadSetting): void {
    const world = this.#world;
    const dice = world.dice(`workload/${workload.name}`);
    const times = world.dice(`workload/${workload.name}/times`);
    const act = (): void => {
      if (this.#isOver) return;
      workload.act(world, setting.options, dice);
      world.after(times.exponential(setting.everyMs), act);
    };
    world.after(times.exponential(setting.everyMs), act);
  }
}
