// How a fault is written: one file, one Fault. Whatever it decides it decides by the dice that it is
// handed, and every strike has dice of its own: leaving one strike out, as the shrinker does, leaves
// the others as they were.

import type { Assumption, FaultOptions } from '../options.ts';
import type { Dice } from '../random.ts';
import type { World } from '../world/contract.ts';

/** One strike of a fault. */
export interface Strike {
  /** For the log: who and what. */
  readonly what: string;
  /** After this time {@link undo} is called; also, earlier, when everything heals. */
  readonly forMs: number;
  /** Ends it. Calls of other strikes may have come between. */
  readonly undo: () => void;
}

/** A kind of fault. */
export interface Fault<O extends FaultOptions = FaultOptions> {
  /** As on the command line: 'partition'. */
  readonly name: string;
  /** One line: what it does. */
  readonly title: string;
  /** Mean time between two strikes, ms: drawn between these; null = it does not strike, it lasts. */
  readonly everyMs: { readonly min: number; readonly max: number } | null;
  /** What it breaks that everything else counts on: it is drawn only in runs that allow that. */
  readonly breaks?: Assumption;
  /** How wild it is in a run that has it. */
  draw(dice: Dice): O;
  /** Something that holds for the whole of the faulty phase; gives what ends it. */
  begin?(world: World, options: O, dice: Dice): () => void;
  /** One strike; null: there was nothing to strike at. */
  strike?(world: World, options: O, dice: Dice): Strike | null;
}
