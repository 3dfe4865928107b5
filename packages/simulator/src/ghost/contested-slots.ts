// Which slots operators have given to a second node since the run began. Of those, two nodes may each
// believe to be the owner until the tables agree again: an operator's word does not wait for anybody's
// agreement. All others have had one owner at most.

import type { OperatorCommand, OperatorOutcome } from '@slotmesh/cluster-core';
import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import type { SimNode, WorldEvents } from '../world/contract.ts';

export class ContestedSlots implements WorldEvents {
  readonly #given = new Uint8Array(SLOT_COUNT);
  readonly #contested = new Uint8Array(SLOT_COUNT);

  has(slot: number): boolean {
    return this.#contested[slot] !== 0;
  }

  started({ topology }: SimNode): void {
    for (const slot of topology.slotsOf(topology.self)) this.#given[slot] = 1;
  }

  executed(_node: SimNode, command: OperatorCommand, outcome: OperatorOutcome): void {
    if (command.kind !== 'addSlots' || !outcome.ok) return;
    for (const slot of command.slots) {
      if (this.#given[slot] === 0) this.#given[slot] = 1;
      else this.#contested[slot] = 1;
    }
  }
}
