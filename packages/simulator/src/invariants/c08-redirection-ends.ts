// C8. A client that follows its redirections arrives, or is told that the slot is not served: at rest
// within five steps, as client libraries have it, and within sixteen before.
//
// Slots that operators have given to a second node are left out until the cluster is at rest, as the
// two may send a client to each other for as long as they do not hear of each other. A redirection
// names an address. Where the owner is not there any more, or somebody else is, the tables have led the
// client as far as they can: who moved is found by gossip, and no redirection can be right before.

import type { SlotSet } from '@slotmesh/crc16-slots';
import type { NodeIndex } from '@slotmesh/topology';
import { requestFor } from '../workload/request.ts';
import type { SimNode, World } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

const STEPS_MAX = 16;
const STEPS_AT_REST_MAX = 5;
/** Owners whose slots are looked at in one scan. */
const OWNERS = 12;

export const redirectionEnds: Invariant = {
  id: 'C8',
  title: 'Following MOVED and ASK ends',
  source: 'cluster specification, "MOVED Redirection"; redis#3776',
  assumes: ['disk', 'bus'],
  watch: (world) => ({
    tableChanged(node) {
      if (node.isPaused) return null;
      for (const slot of someSlots(node)) {
        if (world.ghost.contestedSlots.has(slot)) continue;
        const verdict = follow(world, node, slot, STEPS_MAX);
        if (verdict !== null) return verdict;
      }
      return null;
    },
    atRest() {
      for (const node of world.nodes) {
        for (const slot of someSlots(node)) {
          const verdict = follow(world, node, slot, STEPS_AT_REST_MAX);
          if (verdict !== null) return verdict;
        }
      }
      return null;
    },
  }),
};

/** The first and the last slot of some owners, others for each node and revision of its table. */
function someSlots({ topology, index }: SimNode): number[] {
  const slots: number[] = [];
  const { indexLimit, revision } = topology;
  for (let k = 0; k < Math.min(indexLimit, OWNERS); k++) {
    const node = ((index + revision + k) % indexLimit) as NodeIndex;
    if (topology.has(node)) slots.push(...endsOf(topology.slotsOf(node)));
  }
  return slots;
}

/** Bitmaps are immutable, and tables share them. */
const ENDS = new WeakMap<SlotSet, readonly number[]>();

function endsOf(slots: SlotSet): readonly number[] {
  const known = ENDS.get(slots);
  if (known !== undefined) return known;
  const ranges = slots.ranges();
  const ends = ranges.length === 0 ? [] : [ranges[0].start, ranges[ranges.length - 1].end];
  ENDS.set(slots, ends);
  return ends;
}

function follow(world: World, first: SimNode, slot: number, stepsMax: number): Verdict {
  const path = [first.index];
  let node = first;
  let asking = false;
  while (path.length <= stepsMax + 1) {
    // A read, which needs no lease: the tables alone are asked.
    const request = requestFor(slot, { write: false, asking });
    const route = node.core.route(node.clock.read(world.nowMs), request);
    if (route.kind !== 'moved' && route.kind !== 'ask') return null;
    asking = route.kind === 'ask';
    const { host, port } = node.topology.addressOf(route.node);
    const next = world.nodes.find(({ place }) => place.host === host && place.port === port);
    if (next === undefined || !next.isUp || next.isPaused) return null;
    if (next.id !== node.topology.idOf(route.node)) return null;
    node = next;
    path.push(node.index);
  }
  return `slot ${slot} leads from node to node: ${path.join(' > ')}`;
}
