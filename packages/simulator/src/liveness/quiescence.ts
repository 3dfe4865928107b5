// Q1 to Q4 and Q7 of the safety rules: a cluster that was left alone says the same everywhere. What is
// said here begins with the rule's number.
//
// Q4 asks for one link each way between every two nodes. It is asked in full of those that ping each
// other by themselves, the voters with a lease. Between the others a link may lie unused for long, for
// gossip keeps the times of PONGs fresh (as it does between real servers): whose an inbound link is a
// node learns from the next message on it, and that one is dead by writing on it. So there may be fewer
// than the tables say, but never two from one node to another.

import { NO_LINK, NO_NODE, type NodeIndex, StatusBit, type Topology } from '@slotmesh/topology';
import type { Verdict } from '../invariants/invariant.ts';
import type { Connection, SimNode, World } from '../world/contract.ts';

type Parts = Pick<World, 'nodes' | 'network' | 'nowMs'>;

/** Why these nodes, all that there are, do not agree yet; null where they do. */
export function disagreement({ nodes, network, nowMs }: Parts): Verdict {
  for (const { index, core, clock } of nodes) {
    // The others will miss it: whom nobody elects a replica for is back afterwards.
    if (core.isSilent(clock.read(nowMs))) return `Q4: node ${index} keeps silent, without its data`;
  }
  for (const node of nodes) {
    const verdict = suspicion(node, nodes);
    if (verdict !== null) return `Q4: node ${node.index}: ${verdict}`;
  }
  for (const node of nodes) {
    const verdict = difference(nodes[0].topology, node.topology);
    if (verdict === null) continue;
    const [rule, ...words] = verdict.split(' ');
    return `${rule} nodes ${nodes[0].index} and ${node.index} ${words.join(' ')}`;
  }
  return (
    epochCollision(nodes) ??
    votesInUse(nodes) ??
    openSlot(nodes) ??
    linkFault(nodes, network.connections())
  );
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
  const known = topology.size - attemptsAtNobody(topology, nodes);
  return known === nodes.length ? null : `knows ${known} nodes, and there are ${nodes.length}`;
}

/**
 * Handshakes with addresses at which nobody is: a node that moved asks for a twin where it has been. They end (A16),
 * and until then change nothing.
 */
function attemptsAtNobody(topology: Topology, nodes: readonly SimNode[]): number {
  let count = 0;
  for (const row of topology.nodes()) {
    if (!topology.hasStatus(row, StatusBit.handshake)) continue;
    const { host, port } = topology.addressOf(row);
    if (!nodes.some(({ place }) => place.host === host && place.port === port)) count++;
  }
  return count;
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
    return `Q3: are in the epochs ${a.currentEpoch} and ${b.currentEpoch}`;
  }
  for (let i = 0; i < a.indexLimit; i++) {
    const here = i as NodeIndex;
    if (!a.has(here)) continue;
    const name = a.idOf(here);
    const there = b.find(name);
    if (there === NO_NODE) return `Q1: know different nodes, one of them ${name}`;
    if (a.isReplica(here) !== b.isReplica(there)) return `Q1: differ in the role of ${name}`;
    if (!a.slotsOf(here).equals(b.slotsOf(there))) return `Q1: differ in the slots of ${name}`;
    if (primaryName(a, here) !== primaryName(b, there))
      return `Q1: differ in the primary of ${name}`;
    const epochs = [a.configEpochOf(here), b.configEpochOf(there)];
    // Whoever was a replica and owns nothing may be remembered with its primary's.
    if (a.isVoter(here) && epochs[0] !== epochs[1]) {
      return `Q1: have the config epochs ${epochs.join(' and ')} for ${name}`;
    }
  }
  if (a.clusterState === b.clusterState) return null;
  return `Q1: call the cluster ${a.clusterState} and ${b.clusterState}`;
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
    // Who was never given one owns nothing; whoever was a replica is remembered with its primary's, and meets no other 0.
    if (epoch === 0 && topology.slotsOf(topology.self).count === 0) continue;
    const other = owners.get(epoch);
    if (other !== undefined) {
      return `Q2: nodes ${other} and ${index} both have config epoch ${epoch}`;
    }
    owners.set(epoch, index);
  }
  return null;
}

/** Q3: whoever was voted against, and not replaced, will take a new config epoch. */
function votesInUse(nodes: readonly SimNode[]): Verdict {
  const voters = nodes.filter(hasLease);
  for (const node of voters) {
    for (const { topology, index } of voters) {
      const row = topology.find(node.id);
      if (row === topology.self || topology.configEpochOf(row) >= topology.votedEpoch(row))
        continue;
      return `Q3: node ${index} has voted against node ${node.index}, which has not got over it`;
    }
  }
  return null;
}

/** Q7. No operator can leave a slot open yet. */
function openSlot(nodes: readonly SimNode[]): Verdict {
  for (const { topology, index } of nodes) {
    const [slot] = [...topology.migratingSlots.keys(), ...topology.importingSlots.keys()];
    if (slot !== undefined) return `Q7: slot ${slot} is still open at node ${index}`;
  }
  return null;
}

/** Q4: no two connections from one node to another, and one where both need it. */
function linkFault(nodes: readonly SimNode[], connections: readonly Connection[]): Verdict {
  const opened = new Map<SimNode, Set<SimNode>>(nodes.map((node) => [node, new Set()]));
  for (const { from, to, isOpen, channel } of connections) {
    if (!isOpen || channel !== 'bus') continue;
    const those = opened.get(from);
    if (those?.has(to)) return `Q4: node ${from.index} has two links to node ${to.index}`;
    those?.add(to);
  }
  for (const from of nodes) {
    if (!hasLease(from)) continue;
    for (const to of nodes) {
      if (to === from || !hasLease(to)) continue;
      if (!opened.get(from)?.has(to)) {
        return `Q4: node ${from.index} has no open link to node ${to.index}`;
      }
      if (to.topology.inboundLink(to.topology.find(from.id)) === NO_LINK) {
        return `Q4: node ${to.index} does not know which link comes from node ${from.index}`;
      }
    }
  }
  return null;
}

function hasLease({ core, topology }: SimNode): boolean {
  return core.options.lease && topology.isVoter(topology.self);
}
