// Which slots operators have given to a second node since the run began, by name, or by a config epoch for an
// owner that has not heard of its successor. Of those, two nodes may each believe to be the owner until the
// tables agree again: an operator's word does not wait for anybody's agreement. All others have had one owner
// at most.

import type { ClusterNotice, OperatorCommand, OperatorOutcome } from '@slotmesh/cluster-core';
import { SLOT_COUNT, type SlotSet } from '@slotmesh/crc16-slots';
import type { SimNode, World, WorldEvents } from '../world/contract.ts';

export class ContestedSlots implements WorldEvents {
  readonly #world: World;
  readonly #given = new Uint8Array(SLOT_COUNT);
  /** The config epochs that operators have given without anybody's consent. */
  readonly #bumped = new Map<SimNode, number>();
  readonly #contested = new Uint8Array(SLOT_COUNT);

  constructor(world: World) {
    this.#world = world;
  }

  has(slot: number): boolean {
    return this.#contested[slot] !== 0;
  }

  started({ topology }: SimNode): void {
    for (const slot of topology.slotsOf(topology.self)) this.#given[slot] = 1;
  }

  executed(node: SimNode, command: OperatorCommand, outcome: OperatorOutcome): void {
    if (!outcome.ok) return;
    if (command.kind === 'bumpEpoch') {
      this.#bumped.set(node, node.topology.configEpochOf(node.topology.self));
      this.#contest(node, Number.NEGATIVE_INFINITY);
    }
    if (command.kind !== 'addSlots') return;
    for (const slot of command.slots) {
      if (this.#given[slot] === 0) this.#given[slot] = 1;
      else this.#contested[slot] = 1;
    }
  }

  /** Whoever is elected has a rival in an owner that an operator has given an epoch as great. */
  noticed(node: SimNode, notice: ClusterNotice): void {
    if (notice.kind === 'configEpochTaken') this.#contest(node, notice.configEpoch);
  }

  /** What it takes for its own, and another node as well, which an operator has given that epoch at least. */
  #contest(node: SimNode, epoch: number): void {
    const own = ownSlots(node);
    for (const other of this.#world.nodes) {
      if (other === node || (this.#bumped.get(other) ?? 0) < epoch) continue;
      for (const slot of own.intersection(ownSlots(other))) this.#contested[slot] = 1;
    }
  }
}

function ownSlots({ topology }: SimNode): SlotSet {
  return topology.slotsOf(topology.self);
}
