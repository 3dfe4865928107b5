// A7. Of two nodes that claim a slot the greater config epoch decides, so no two may claim it with the
// same. Epochs that an election gave out are different by themselves; those that a node takes without
// asking anybody (an operator's, and the one that resolves a collision) may be the same for a while,
// and such a collision must be over when the cluster has come to rest.
//
// So a node may speak of a config epoch that it was given in one of these ways, and of no other; and
// at rest no two nodes may claim one slot with one epoch. Whom an election gives epochs joins with
// elections.

import type { SlotSet } from '@slotmesh/crc16-slots';
import type { SimNode, World } from '../world/contract.ts';
import { PerNode } from '../world/per-node.ts';
import type { Invariant, Verdict } from './invariant.ts';

export const oneOwnerForSlotAndEpoch: Invariant = {
  id: 'A7',
  title: 'A node claims slots with config epochs that it was given, and nobody else with the same',
  source: 'cluster specification, "Configuration epoch conflict resolution algorithm"; redis#1799',
  assumes: ['disk'],
  watch(world: World) {
    /** By node: the config epochs that it was given in this life, and had when it began. */
    const given = new Map<SimNode, Set<number>>();
    /** By node: what it last said of itself. */
    const claims = new PerNode<Claim>();
    const give = (node: SimNode): null => {
      const { topology } = node;
      given.get(node)?.add(topology.configEpochOf(topology.self));
      return null;
    };
    return {
      started(node) {
        given.set(node, new Set());
        return give(node);
      },
      executed(node, { kind }, { ok }) {
        const gives = kind === 'bumpEpoch' || kind === 'setConfigEpoch' || kind === 'reset';
        return ok && gives ? give(node) : null;
      },
      noticed(node, notice) {
        const { kind } = notice;
        if (kind === 'epochCollision' || kind === 'epochRenewed' || kind === 'configEpochTaken') {
          given.get(node)?.add(notice.configEpoch);
        }
        return null;
      },
      sending(node, _link, { header }) {
        if (header === null) return null;
        if (header.replicaOf !== null) {
          // A replica speaks of its primary's slots, and claims none any more.
          claims.delete(node);
          return null;
        }
        const { configEpoch, slots } = header;
        const last = claims.get(node);
        if (last?.configEpoch === configEpoch && last.slots === slots) return null;
        claims.set(node, { configEpoch, slots });
        const isGiven = given.get(node)?.has(configEpoch) ?? true;
        return isGiven ? null : `claims slots with config epoch ${configEpoch}, never given to it`;
      },
      stopped(node) {
        claims.delete(node);
        return null;
      },
      atRest: () => twoClaims(world.nodes.map((node) => claims.get(node))),
    };
  },
};

interface Claim {
  readonly configEpoch: number;
  readonly slots: SlotSet;
}

function twoClaims(claims: readonly (Claim | undefined)[]): Verdict {
  for (let a = 0; a < claims.length; a++) {
    for (let b = 0; b < a; b++) {
      const [one, other] = [claims[a], claims[b]];
      if (one === undefined || other === undefined) continue;
      if (one.configEpoch !== other.configEpoch || !one.slots.intersects(other.slots)) continue;
      const slots = one.slots.intersection(other.slots);
      return `nodes ${b} and ${a} both claim ${slots} with config epoch ${one.configEpoch}`;
    }
  }
  return null;
}
