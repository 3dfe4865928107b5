// Primary or replica, and of whom: a node's own word about itself is what counts, unless the
// message is older than what it has said since on another link.

import { type BusHeader, NodeFlag } from '@slotmesh/cluster-bus';
import { NO_NODE, type NodeIndex, StatusBit } from '@slotmesh/topology';
import { watchCircle } from './circle.ts';
import type { GossipContext } from './context.ts';

/**
 * Two links lead from each node, and nothing orders what comes on them. A node's current epoch is
 * never below its own config epoch, so a header that says less was written before the node got the
 * config epoch that we know of.
 */
export function isStaleConfig(
  context: GossipContext,
  sender: NodeIndex,
  header: BusHeader,
): boolean {
  return header.currentEpoch < context.topology.configEpochOf(sender);
}

/** Flags that a node says of itself and that are believed at once. */
export function copyFlags(context: GossipContext, sender: NodeIndex, header: BusHeader): void {
  const { topology } = context;
  const { flags } = header;
  topology.setStatus(sender, StatusBit.noFailover, (flags & NodeFlag.noFailover) !== 0);
  topology.setStatus(sender, StatusBit.myPrimaryFail, (flags & NodeFlag.myPrimaryFail) !== 0);
}

/** Follows a change of the sender's role. */
export function updateRole(context: GossipContext, sender: NodeIndex, header: BusHeader): void {
  const { topology, dirty } = context;
  if (header.replicaOf === null) {
    if (topology.isReplica(sender)) {
      becomePrimary(context, sender);
      // What it told before was its primary's.
      topology.setConfigEpoch(sender, header.configEpoch);
    }
    return;
  }
  const primary = topology.find(header.replicaOf);
  if (topology.isPrimary(sender)) {
    topology.setStatus(sender, StatusBit.migrateTo, false);
    topology.setReplicaOf(sender, NO_NODE);
    dirty.save = true;
    dirty.state = true;
  }
  if (primary === NO_NODE || primary === sender || topology.primaryOf(sender) === primary) return;
  if (!breakCircle(context, sender, primary)) {
    watchCircle(context, sender, primary);
    return;
  }
  context.endCircle(sender);
  topology.setReplicaOf(sender, primary);
  dirty.save = true;
}

/**
 * Makes a node a primary in the table; one that was a replica shows that its shard can have
 * replicas.
 */
export function becomePrimary(context: GossipContext, node: NodeIndex): void {
  const { topology, dirty } = context;
  if (topology.primaryOf(node) !== NO_NODE) topology.setStatus(node, StatusBit.migrateTo, true);
  context.endCircle(node);
  topology.setPrimary(node);
  dirty.save = true;
  dirty.state = true;
}

/**
 * A was the primary of B; they changed places, and we hear it from A first: "I replicate B". B,
 * which we still take for a replica of A, must be a primary then. In a longer circle the node that
 * follows the sender is one whose primary we do not know any more. False if that node is this one:
 * what this node does is not for others to say.
 */
function breakCircle(context: GossipContext, sender: NodeIndex, primary: NodeIndex): boolean {
  const { topology } = context;
  for (let above = primary; above !== NO_NODE; above = topology.primaryOf(above)) {
    if (topology.primaryOf(above) !== sender) continue;
    if (above === topology.self) return false;
    if (above === primary) becomePrimary(context, above);
    else topology.setReplicaOf(above, NO_NODE);
    return true;
  }
  return true;
}
