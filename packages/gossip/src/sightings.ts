// A node that moved is told where else it was seen a short time ago: should another process with its id
// live there, the two can find each other (twin.ts). Peers do not look at gossip about themselves.

import { type GossipEntry, NodeFlag } from '@slotmesh/cluster-bus';
import type { NodeAddress, NodeIndex } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';

/** A member has spoken from another address than the known one. */
export function noteMove(context: GossipContext, node: NodeIndex, former: NodeAddress): void {
  const { moves, nowMs } = context;
  if (former.host === '') return;
  moves.set(node, { former, sinceMs: nowMs });
}

/** Adds what there is to tell the receiver of a message of itself. */
export function addSightings(
  context: GossipContext,
  receiver: NodeIndex,
  entries: GossipEntry[],
): void {
  const { topology, moves, options, nowMs } = context;
  const move = moves.get(receiver);
  if (move === undefined) return;
  if (nowMs - move.sinceMs > options.nodeTimeoutMs) {
    moves.delete(receiver);
    return;
  }
  const current = topology.addressOf(receiver);
  if (current.host !== '') entries.push(whereabouts(context, receiver, current));
  entries.push(whereabouts(context, receiver, move.former));
}

/** That a node is at an address, without saying when it was heard there. */
export function whereabouts(
  { topology }: GossipContext,
  node: NodeIndex,
  { host, port, altPort, busPort }: NodeAddress,
): GossipEntry {
  const flags = topology.isReplica(node) ? NodeFlag.replica : NodeFlag.primary;
  const id = topology.idOf(node);
  return { node: id, flags, pingSentS: 0, pongReceivedS: 0, host, port, altPort, busPort };
}
