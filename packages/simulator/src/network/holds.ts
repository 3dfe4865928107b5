// Which directed pairs of nodes are held, how often, and the ends of wires that wait for it.

import type { SimNode } from '../world/contract.ts';
import type { WireEnd } from './wire.ts';

interface Hold {
  readonly from: SimNode;
  readonly to: SimNode;
  count: number;
  readonly parked: WireEnd[];
}

export class Holds {
  /** By the numbers of the two nodes. */
  readonly #holds = new Map<number, Hold>();

  has(from: SimNode, to: SimNode): boolean {
    return this.#holds.size > 0 && this.#holds.has(keyOf(from, to));
  }

  add(from: SimNode, to: SimNode): void {
    const hold = this.#holds.get(keyOf(from, to));
    if (hold === undefined) this.#holds.set(keyOf(from, to), { from, to, count: 1, parked: [] });
    else hold.count++;
  }

  /** Gives the ends whose parcels may go on, if this was the last hold of the pair. */
  remove(from: SimNode, to: SimNode): readonly WireEnd[] {
    const key = keyOf(from, to);
    const hold = this.#holds.get(key);
    if (hold === undefined || --hold.count > 0) return [];
    this.#holds.delete(key);
    return hold.parked;
  }

  /** An end waits for the hold of that pair to be over. */
  park(from: SimNode, end: WireEnd): void {
    this.#holds.get(keyOf(from, end.node))?.parked.push(end);
  }

  pairs(): [SimNode, SimNode][] {
    return [...this.#holds.values()].map(({ from, to }) => [from, to]);
  }
}

/** A world has fewer than 2^20 nodes. */
function keyOf(from: SimNode, to: SimNode): number {
  return from.index * 0x10_0000 + to.index;
}
