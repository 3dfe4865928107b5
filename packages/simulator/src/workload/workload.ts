// How a workload is written: one file, one Workload: what clients do to the cluster while it is
// broken. It may work on live nodes only, as a client can, and by the dice that it is handed.

import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';

/** A kind of load. */
export interface Workload<O extends object = object> {
  readonly name: string;
  readonly title: string;
  /** How heavy it is in a run that has it: plain data. */
  draw(dice: Dice): O;
  /** One action of a client; it is called again and again, every {@link everyMs} on average. */
  act(world: World, options: O, dice: Dice): void;
  readonly everyMs: { readonly min: number; readonly max: number };
}
