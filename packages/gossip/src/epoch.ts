// Config epochs that no election gave out: an operator's, and those that two primaries have in
// common and must not.

import type { BusHeader } from '@slotmesh/cluster-bus';
import type { NodeIndex, Topology } from '@slotmesh/topology';
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
  // Whoever leaves its place to its replicas must not claim it by a greater epoch than their winner's.
  if (context.isSilent) return;
  const own = topology.configEpochOf(self);
  if (header.configEpoch !== own || topology.configEpochOf(sender) !== own) return;
  if (topology.idOf(sender) <= topology.idOf(self)) return;
  takeEpoch(context, topology.currentEpoch + 1);
  const configEpoch = topology.configEpochOf(self);
  context.notice({ kind: 'epochCollision', id: topology.idOf(sender), configEpoch });
}

/**
 * Gives this node the greatest config epoch, unless it has it alone. True if it took a new one.
 *
 * More than Redis does where others have the same epoch as this node. Redis stays where it is if that
 * is the greatest, and takes the next one if not. But those others move on to the next one
 * themselves, by {@link resolveCollision}: A and B have 4, B takes a slot of A and stays at 4 or goes
 * to 5, A goes to 5, or from there to 6, and has its slot back without the keys. So room is left for
 * as many as may move. Nodes that have no epoch yet own nothing that they could take back.
 */
export function bumpWithoutConsensus(context: GossipContext): boolean {
  const { topology } = context;
  const own = topology.configEpochOf(topology.self);
  const sharers = own === 0 ? 0 : countSharers(topology, own);
  if (own !== 0 && own === topology.maxEpoch() && sharers === 0) return false;
  takeEpoch(context, topology.currentEpoch + 1 + sharers);
  return true;
}

/** How many other primaries have this config epoch, as far as this node knows. */
function countSharers(topology: Topology, epoch: number): number {
  let count = 0;
  for (const node of topology.nodes()) {
    if (node === topology.self || !topology.isPrimary(node)) continue;
    if (topology.configEpochOf(node) === epoch) count++;
  }
  return count;
}

/** Without asking anybody. */
export function takeEpoch(context: GossipContext, epoch: number): void {
  const { topology, dirty } = context;
  topology.setConfigEpoch(topology.self, epoch);
  dirty.save = true;
  dirty.durable = true;
}
