// Hot path: per packet. What a member says of third nodes: their health, when they were last heard
// of, where they are, and that they exist.

import { type GossipEntry, NodeFlag } from '@slotmesh/cluster-bus';
import { NO_NODE, type NodeIndex, StatusBit } from '@slotmesh/topology';
import { moveNode } from './address.ts';
import type { GossipContext } from './context.ts';
import { noteHealth, reportCount } from './failure.ts';
import { CLOCK_TOLERANCE_MS, KNOWN_NODES_MAX } from './limits.ts';
import { suspectAt } from './twin.ts';

const FAILING = NodeFlag.pfail | NodeFlag.fail;
const NODE_ID = /^[a-z0-9]{40}$/;

/** Learns from the gossip of a member. */
export function mergeGossip(
  context: GossipContext,
  sender: NodeIndex,
  entries: readonly GossipEntry[],
): void {
  const { topology, guesses } = context;
  const rows = guesses.begin(entries.length);
  topology.guess(entries, rows);
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    const guess = rows[i] as NodeIndex;
    const node = guess === NO_NODE ? topology.find(entry.node) : guess;
    if (node === NO_NODE) addGossipedNode(context, entry);
    else if (node === topology.self) suspectAt(context, entry);
    else if (node !== sender) mergeEntry(context, sender, node, entry);
  }
}

function mergeEntry(
  context: GossipContext,
  sender: NodeIndex,
  node: NodeIndex,
  entry: GossipEntry,
): void {
  const { topology } = context;
  const isFailing = (entry.flags & FAILING) !== 0;
  noteHealth(context, node, sender, isFailing);
  if (isFailing) return;
  if (topology.pingSentMs(node) === 0) mergePongTime(context, node, entry);
  if (mayHaveMoved(context, node, entry) && hasAddress(entry)) {
    const { host, port, altPort, busPort } = entry;
    moveNode(context, node, { host, port, altPort, busPort });
  }
}

/** Somebody else's PONG saves us a PING, unless there is any doubt about the node. */
function mergePongTime(context: GossipContext, node: NodeIndex, entry: GossipEntry): void {
  const { topology, nowMs } = context;
  const pongMs = entry.pongReceivedS * 1000;
  if (pongMs <= topology.pongReceivedMs(node) || pongMs > nowMs + CLOCK_TOLERANCE_MS) return;
  if (reportCount(context, node) === 0) topology.setPongReceived(node, pongMs);
}

/**
 * It cannot be reached here, and can be there: who has not heard it there, since a restart, may have the
 * older address of the two.
 */
function mayHaveMoved(context: GossipContext, node: NodeIndex, entry: GossipEntry): boolean {
  const { topology } = context;
  if (entry.pongReceivedS === 0) return false;
  if (topology.isPfail(node) || topology.isFail(node)) return true;
  if (!topology.hasStatus(node, StatusBit.noAddress)) return false;
  // An address that was found wrong may still be what others have, until they find the same.
  return entry.pongReceivedS * 1000 > topology.pingSentMs(node);
}

function hasAddress(entry: GossipEntry): boolean {
  return (entry.flags & NodeFlag.noAddress) === 0 && entry.host !== '' && entry.busPort !== 0;
}

/**
 * A member that we have not heard of: entered under the id that it is said to have, and not by a
 * handshake with its address, where by now a node of another cluster may live. That it is failing
 * is the others' word, and counted as such once we find the same.
 */
function addGossipedNode(context: GossipContext, entry: GossipEntry): void {
  const { topology, blacklist, dirty, nowMs } = context;
  if ((entry.flags & (NodeFlag.noAddress | NodeFlag.handshake)) !== 0) return;
  if (blacklist.has(entry.node, nowMs)) {
    context.ignore('forgottenNode');
    return;
  }
  if (!hasAddress(entry) || !NODE_ID.test(entry.node)) {
    context.ignore('malformedEntry');
    return;
  }
  if (topology.size >= KNOWN_NODES_MAX) {
    context.ignore('limit');
    return;
  }
  const { host, port, altPort, busPort } = entry;
  const address = { host, port, altPort, busPort };
  const node = topology.addNode({ id: entry.node, address, createdMs: nowMs });
  if ((entry.flags & NodeFlag.replica) !== 0) topology.setReplicaOf(node, NO_NODE);
  topology.setStatus(node, StatusBit.noFailover, (entry.flags & NodeFlag.noFailover) !== 0);
  if ((entry.flags & FAILING) !== 0) topology.markPfail(node);
  dirty.save = true;
  dirty.state = true;
  context.notice({ kind: 'nodeJoined', id: entry.node, address });
}
