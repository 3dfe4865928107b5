// A10. A node takes a write only for a slot that is its own, and only while a majority of the voters
// has answered PINGs that it sent less than a node timeout ago. To have heard from them is not enough:
// where messages get through one way only, it would go on for ever.
//
// A node whose lease is switched off does as the peers do, and is asked for the slot alone. Answers
// are matched with PINGs by their order on the link, which is TCP's.

import type { RouteRequest } from '@slotmesh/cluster-core';
import type { SimNode, World } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';
import { missingAnswers } from './lease.ts';

export const writeGate: Invariant = {
  id: 'A10',
  title: 'A write is served by its slot’s owner, with the answers of a majority behind it',
  source: 'the lease of these packages: stricter than the specification’s "Write safety"',
  assumes: ['tcp', 'bus'],
  watch: (world) => ({
    served: (node, request) =>
      request.write && request.slot >= 0 ? (gate(node, request) ?? lease(world, node)) : null,
  }),
};

function gate({ topology }: SimNode, { slot, asking }: RouteRequest): Verdict {
  const { self } = topology;
  if (topology.isReplica(self)) return `a replica serves a write of slot ${slot}`;
  if (topology.clusterState !== 'ok') return `serves a write while it calls the cluster down`;
  if (topology.ownerOf(slot) === self) return null;
  if (asking && topology.importingSlots.has(slot)) return null;
  return `serves a write of slot ${slot}, which is not its own`;
}

function lease(world: World, node: SimNode): Verdict {
  const { lease: isOn, nodeTimeoutMs } = node.core.options;
  if (!isOn) return null;
  const fault = missingAnswers(world, node, node.clock.read(world.nowMs) - nodeTimeoutMs);
  return fault && `serves a write without a lease: within ${nodeTimeoutMs} ms, ${fault}`;
}
