// Who votes, and what is served: counts over the whole table that are kept up to date row by row. The cluster's health is
// looked at after nearly every change of a table that forms or loses nodes, and a walk over it each time would cost the
// square of its size.

import { type NodeColumns, StatusBit } from './columns.ts';

export class Census {
  /** Primaries with slots. */
  voters = 0;
  /** Those of them that are marked neither pfail nor fail. */
  reachableVoters = 0;
  /** Slots whose owner is not marked fail. */
  servedSlots = 0;

  /** How many of them decide. */
  get majority(): number {
    return Math.floor(this.voters / 2) + 1;
  }

  /** Comes before a change of a row's status or slots. */
  takeOut(columns: NodeColumns, row: number): void {
    this.#weigh(columns, row, -1);
  }

  /** Comes after it. */
  putIn(columns: NodeColumns, row: number): void {
    this.#weigh(columns, row, 1);
  }

  #weigh({ status, slots }: NodeColumns, row: number, sign: 1 | -1): void {
    const bits = status[row];
    const { count } = slots[row];
    if ((bits & StatusBit.replica) !== 0 || count === 0) return;
    this.voters += sign;
    if ((bits & StatusBit.fail) !== 0) return;
    this.servedSlots += sign * count;
    if ((bits & StatusBit.pfail) === 0) this.reachableVoters += sign;
  }
}
