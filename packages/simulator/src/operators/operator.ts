// How an operator's action is written: one file, one OperatorAction: a single command, or a tool's
// whole procedure. A procedure is a generator that does one step, says what it did, and yields: there
// time passes, and there a tool may be cut off.

import type { Dice } from '../random.ts';
import type { SimNode, World } from '../world/contract.ts';

/** What an operator has at hand. */
export interface OperatorContext {
  readonly world: World;
  readonly dice: Dice;
  /** Nodes that answer. At least one when the action starts; ask again after each step. */
  nodes(): SimNode[];
}

/** A kind of action. */
export interface OperatorAction {
  /** As on the command line: 'meet'. */
  readonly name: string;
  /** One line: what the operator is after. */
  readonly title: string;
  /** How often it is chosen, compared with the others. */
  readonly weight: number;
  /** Yields after each step what was done, for the log. Ends early where it makes no sense. */
  run(context: OperatorContext): Generator<string, void>;
}
