// Q1 to Q4 of the safety rules: a cluster that was left alone says the same everywhere.

import { NO_LINK, NO_NODE, type NodeIndex, StatusBit, type Topology } from '@slotmesh/topology';
import type { Verdict } from '../invariants/invariant.ts';
import type { Connection, SimNode, World } from '../world/contract.ts';

/** Why these nodes, all that there are, do not agree yet; null where they do. */
export function disagreement({ nodes, network }: Pick<World, 'nodes' | 'network'>): Verdict {
  for (const node of nodes) {
    const verdict = suspicion(node, nodes);
    if (verdict !== null) return `node ${node.index}: ${verdict}`;
  }
  for (const node of nodes) {
    const verdict = difference(nodes[0].topology, node.topology);
    if (verdict !== null) return `nodes ${nodes[0].index} and ${node.index}: ${verdict}`;
  }
  return epochCollision(nodes) ?? doubleLink(network.connections());
}

/** Q4, and membership: everybody is known, nobody suspected, and there is a link to everybody. */
function suspicion({ topology, index: self }: SimNode, nodes: readonly SimNode[]): Verdict {
  for (const other of nodes) {
    if (other.index === self) continue;
    const node = topology.find(other.id);
    if (node === NO_NODE) return `does not know node ${other.index}`;
    const fault = faultOf(topology, node);
    if (fault !== null) return `node ${other.index} ${fault}`;
    const { host, port } = topology.addressOf(node);
    if (host !== other.place.host || port !== other.place.port) {
      return `believes node ${other.index} at ${host}:${port}`;
    }
  }
  if (topology.size === nodes.length) return null;
  return `knows ${topology.size} nodes, and there are ${nodes.length}`;
}

function faultOf(topology: Topology, node: NodeIndex): Verdict {
  if (topology.isPfail(node)) return 'is pfail';
  if (topology.isFail(node)) return 'is fail';
  if (topology.hasStatus(node, StatusBit.handshake)) return 'is in handshake';
  if (topology.hasStatus(node, StatusBit.noAddress)) return 'has no address';
  if (topology.outboundLink(node) === NO_LINK) return 'is not linked';
  return null;
}

/** Q1 and Q3: roles, slots, config epochs and the current epoch. Both know the same nodes. */
function difference(a: Topology, b: Topology): Verdict {
  if (a === b) return null;
  if (a.currentEpoch !== b.currentEpoch) {
    return `are in the epochs ${a.currentEpoch} and ${b.currentEpoch}`;
  }
  for (let i = 0; i < a.indexLimit; i++) {
    const here = i as NodeIndex;
    if (!a.has(here)) continue;
    const name = a.idOf(here);
    const there = b.find(name);
    if (there === NO_NODE) return `only one knows ${name}`;
    if (a.isReplica(here) !== b.isReplica(there)) return `differ in the role of ${name}`;
    if (!a.slotsOf(here).equals(b.slotsOf(there))) return `differ in the slots of ${name}`;
    if (primaryName(a, here) !== primaryName(b, there)) return `differ in the primary of ${name}`;
    const epochs = [a.configEpochOf(here), b.configEpochOf(there)];
    if (a.isPrimary(here) && epochs[0] !== epochs[1]) {
      return `have the config epochs ${epochs.join(' and ')} for ${name}`;
    }
  }
  if (a.clusterState === b.clusterState) return null;
  return `call the cluster ${a.clusterState} and ${b.clusterState}`;
}

function primaryName(topology: Topology, node: NodeIndex): string {
  const primary = topology.primaryOf(node);
  return primary === NO_NODE ? '' : topology.idOf(primary);
}

/** Q2. */
function epochCollision(nodes: readonly SimNode[]): Verdict {
  const owners = new Map<number, number>();
  for (const { topology, index } of nodes) {
    if (!topology.isPrimary(topology.self)) continue;
    const epoch = topology.configEpochOf(topology.self);
    const other = owners.get(epoch);
    if (other !== undefined) return `nodes ${other} and ${index} both have config epoch ${epoch}`;
    owners.set(epoch, index);
  }
  return null;
}

/**
 * Q4: nobody keeps two connections to the same node. Which of its inbound links comes from whom a
 * node learns by the next message on it, and that a link is dead by writing on it: so there may be
 * fewer than the tables say, for as long as nothing is to be sent.
 */
function doubleLink(connections: readonly Connection[]): Verdict {
  const opened = new Map<SimNode, Set<SimNode>>();
  for (const { from, to, isOpen } of connections) {
    if (!isOpen) continue;
    const those = opened.get(from);
    if (those === undefined) opened.set(from, new Set([to]));
    else if (those.has(to)) return `node ${from.index} has two links to node ${to.index}`;
    else those.add(to);
  }
  return null;
}
