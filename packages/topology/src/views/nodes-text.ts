// The text of CLUSTER NODES, and the single lines of it that CLUSTER REPLICAS gives. redis-cli and many clients parse
// it, so words, order of fields and separators are those of Redis 7.0. Only the order of the lines is ours (order.ts).

import { StatusBit } from '../columns.ts';
import { NO_NODE, type NodeIndex } from '../node.ts';
import type { Topology } from '../topology.ts';
import { clientPort, type ViewOptions } from './endpoint.ts';
import { nodesInOrder, replicasInOrder } from './order.ts';

/** CLUSTER NODES: one line per node, each ended by a line feed. */
export function clusterNodesText(topology: Topology, options: ViewOptions = {}): string {
  return nodesInOrder(topology)
    .map((node) => `${clusterNodeLine(topology, node, options)}\n`)
    .join('');
}

/** CLUSTER REPLICAS: a line, without its line feed, for each replica that follows `primary`. */
export function clusterReplicaLines(
  topology: Topology,
  primary: NodeIndex,
  options: ViewOptions = {},
): string[] {
  return replicasInOrder(topology, primary).map((node) => clusterNodeLine(topology, node, options));
}

/**
 * One node: `id host:port@busPort[,hostname] flags primary ping-sent pong-received epoch link slot...`, times in Unix
 * milliseconds, without a line feed.
 */
export function clusterNodeLine(
  topology: Topology,
  node: NodeIndex,
  options: ViewOptions = {},
): string {
  const address = topology.addressOf(node);
  const { hostname } = topology.labelsOf(node);
  const primary = topology.primaryOf(node);
  const isSelf = node === topology.self;
  const fields = [
    topology.idOf(node),
    `${address.host}:${clientPort(address, options)}@${address.busPort}` +
      (hostname === '' ? '' : `,${hostname}`),
    flagWords(topology, node).join(','),
    primary === NO_NODE ? '-' : topology.idOf(primary),
    Math.trunc(topology.pingSentMs(node)),
    Math.trunc(topology.pongReceivedMs(node)),
    shownConfigEpoch(topology, node),
    isSelf || topology.isLinked(node) ? 'connected' : 'disconnected',
  ];
  const slots = topology.slotsOf(node);
  if (slots.count > 0) fields.push(slots.toString());
  if (isSelf) fields.push(...openSlotMarks(topology));
  return fields.join(' ');
}

/** The epoch under which a node's slots are served: of a replica, its primary's. */
export function shownConfigEpoch(topology: Topology, node: NodeIndex): number {
  const primary = topology.primaryOf(node);
  return topology.configEpochOf(primary === NO_NODE ? node : primary);
}

/** In Redis's order. A node in handshake has no role yet. */
function flagWords(topology: Topology, node: NodeIndex): string[] {
  const isHandshake = topology.hasStatus(node, StatusBit.handshake);
  const words: string[] = [];
  if (node === topology.self) words.push('myself');
  if (!isHandshake) words.push(topology.isReplica(node) ? 'slave' : 'master');
  if (topology.isPfail(node)) words.push('fail?');
  if (topology.isFail(node)) words.push('fail');
  if (isHandshake) words.push('handshake');
  if (topology.hasStatus(node, StatusBit.noAddress)) words.push('noaddr');
  if (topology.hasStatus(node, StatusBit.noFailover)) words.push('nofailover');
  return words;
}

/** Slots on their way out `[93->-id]` and in `[77-<-id]`, by slot: only this node's own are known. */
function openSlotMarks(topology: Topology): string[] {
  const marks: [slot: number, mark: string][] = [];
  for (const [slot, to] of topology.migratingSlots) {
    marks.push([slot, `[${slot}->-${topology.idOf(to)}]`]);
  }
  for (const [slot, from] of topology.importingSlots) {
    marks.push([slot, `[${slot}-<-${topology.idOf(from)}]`]);
  }
  return marks.sort(([a], [b]) => a - b).map(([, mark]) => mark);
}
