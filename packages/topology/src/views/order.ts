// The one order in which every view lists nodes. It depends on nothing but what nodes agree on (slots, roles, ids), so
// two nodes that agree give the same list. Redis lists them in the order of a hash table, which differs by process.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { StatusBit } from '../columns.ts';
import { NO_NODE, type NodeIndex } from '../node.ts';
import type { Topology } from '../topology.ts';

/** What the order depends on. */
type Ordered = Pick<
  Topology,
  'nodes' | 'idOf' | 'primaryOf' | 'hasStatus' | 'isReplica' | 'slotsOf'
>;

/**
 * All nodes: primaries by their first slot, then primaries without slots by id, then replicas of an unknown primary,
 * then nodes in handshake; each primary's replicas right behind it, by id (theirs, if any, behind them).
 */
export function nodesInOrder(topology: Ordered): NodeIndex[] {
  const followers = followersInOrder(topology);
  const ordered: NodeIndex[] = [];
  const append = (node: NodeIndex): void => {
    ordered.push(node);
    followers.get(node)?.forEach(append);
  };
  sortRoots(topology, followers.get(NO_NODE) ?? []).forEach(append);
  return ordered;
}

/** Who follows whom, by id; those who follow nobody under {@link NO_NODE}. One walk over the table. */
export function followersInOrder(topology: Ordered): Map<NodeIndex, NodeIndex[]> {
  const followers = new Map<NodeIndex, NodeIndex[]>();
  for (const node of topology.nodes()) {
    const primary = topology.primaryOf(node);
    const others = followers.get(primary);
    if (others === undefined) followers.set(primary, [node]);
    else others.push(node);
  }
  for (const nodes of followers.values()) sortById(topology, nodes);
  return followers;
}

/** The direct replicas of a node, by id. */
export function replicasInOrder(topology: Topology, primary: NodeIndex): NodeIndex[] {
  return sortById(topology, topology.replicasOf(primary));
}

function sortById(topology: Ordered, nodes: NodeIndex[]): NodeIndex[] {
  return nodes.sort((a, b) => (topology.idOf(a) < topology.idOf(b) ? -1 : 1));
}

/** Equal ranks stay by id. */
function sortRoots(topology: Ordered, roots: NodeIndex[]): NodeIndex[] {
  const ranks = new Map(roots.map((node) => [node, rank(topology, node)]));
  return roots.sort((a, b) => ranks.get(a)! - ranks.get(b)!);
}

/** Slot numbers order the primaries that have slots; the others come after in three classes. */
function rank(topology: Ordered, node: NodeIndex): number {
  if (topology.hasStatus(node, StatusBit.handshake)) return SLOT_COUNT + 2;
  if (topology.isReplica(node)) return SLOT_COUNT + 1;
  return topology.slotsOf(node).first;
}
