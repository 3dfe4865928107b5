// Config epochs that no election gave out: an operator's, and those that two primaries have in
// common and must not.

import type { BusHeader } from '@slotmesh/cluster-bus';
import type { NodeIndex } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';

/**
 * Two primaries with one config epoch (the specification's "config epoch conflict resolution
 * algorithm"): the one with the smaller id takes the next epoch. The largest id never moves, so all
 * end up with different ones.
 */
export function resolveCollision(
  context: GossipContext,
  sender: NodeIndex,
  header: BusHeader,
): void {
  const { topology } = context;
  const { self } = topology;
  if (!topology.isPrimary(self) || !topology.isPrimary(sender)) return;
  const own = topology.configEpochOf(self);
  if (header.configEpoch !== own || topology.configEpochOf(sender) !== own) return;
  if (topology.idOf(sender) <= topology.idOf(self)) return;
  takeNextEpoch(context);
  const configEpoch = topology.configEpochOf(self);
  context.notice({ kind: 'epochCollision', id: topology.idOf(sender), configEpoch });
}

/** Gives this node the greatest config epoch, unless it has it. True if it took a new one. */
export function bumpWithoutConsensus(context: GossipContext): boolean {
  const { topology } = context;
  const own = topology.configEpochOf(topology.self);
  if (own !== 0 && own === topology.maxEpoch()) return false;
  takeNextEpoch(context);
  return true;
}

function takeNextEpoch(context: GossipContext): void {
  const { topology, dirty } = context;
  topology.setConfigEpoch(topology.self, topology.currentEpoch + 1);
  dirty.save = true;
  dirty.durable = true;
}
