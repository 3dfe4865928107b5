// Between a configuration and the table that a running node keeps. What does not survive a restart stays behind: links,
// failure reports, offsets, handshakes. What a peer of Redis's kind forgets, this forgets too.

import {
  NO_LABELS,
  NO_NODE,
  type NodeAddress,
  type NodeIndex,
  type NodeLabels,
  nodesInOrder,
  StatusBit,
  Topology,
} from '@slotmesh/topology';
import { checkNodes } from './check.ts';
import {
  emptyNode,
  isHost,
  type NodeDraft,
  type NodesConf,
  type NodesConfNode,
  type OpenSlot,
} from './nodes-conf.ts';

/** What is needed to make a table from a configuration. */
export interface ToTopologyOptions {
  /** Unix milliseconds: times from a former life count from now. */
  readonly nowMs: number;
  /** `tls-cluster`: the table then holds the TLS port first. */
  readonly tlsCluster?: boolean;
}

/** The table that a node starts with. Throws NodesConfError where the configuration contradicts itself. */
export function toTopology(conf: NodesConf, options: ToTopologyOptions): Topology {
  checkNodes(conf.nodes);
  const self = conf.nodes.find((node) => node.isSelf)!;
  const topology = new Topology(newNode(self, options));
  for (const node of conf.nodes) {
    if (node !== self) topology.addNode(newNode(node, options));
  }
  for (const node of conf.nodes) enter(topology, node, options.nowMs);
  topology.currentEpoch = Math.max(conf.currentEpoch, topology.maxEpoch());
  topology.lastVoteEpoch = conf.lastVoteEpoch ?? 0;
  topology.hasVoteMemory = conf.lastVoteEpoch !== null;
  return topology;
}

function newNode(
  node: NodesConfNode,
  { nowMs, tlsCluster = false }: ToTopologyOptions,
): ConstructorParameters<typeof Topology>[0] {
  return {
    id: node.id,
    address: addressOf(node, tlsCluster),
    labels: labelsOf(node),
    shardId: node.shardId,
    createdMs: nowMs,
    configEpoch: node.primary === null ? node.configEpoch : 0,
  };
}

/** Where only one of the two ports has a name, the address has the other; without any it has the cluster's kind. */
function addressOf(node: NodesConfNode, tlsCluster: boolean): NodeAddress {
  const isPlain = node.tcpPort === null && node.tlsPort === null;
  const tcp = node.tcpPort ?? (isPlain && tlsCluster ? 0 : node.port);
  const tls = node.tlsPort ?? (isPlain && !tlsCluster ? 0 : node.port);
  const [port, altPort] = tlsCluster ? [tls, tcp] : [tcp, tls];
  return { host: node.host, port, altPort, busPort: node.busPort };
}

function labelsOf(node: NodesConfNode): NodeLabels {
  const labels: NodeLabels = {
    hostname: node.hostname,
    nodename: node.nodename,
    clientIpv4: node.clientIpv4,
    clientIpv6: node.clientIpv6,
    clientPort: node.clientTcpPort,
    clientTlsPort: node.clientTlsPort,
    availabilityZone: node.availabilityZone,
  };
  return Object.values(labels).every((value) => !value) ? NO_LABELS : labels;
}

/** A second pass: all nodes are in the table, so that they can refer to each other. */
function enter(topology: Topology, node: NodesConfNode, nowMs: number): void {
  const index = topology.find(node.id);
  topology.setStatus(index, StatusBit.noAddress, node.hasNoAddress);
  topology.setStatus(index, StatusBit.noFailover, node.hasNoFailover);
  if (node.isFail) topology.markFail(index, nowMs);
  else if (node.isPfail) topology.markPfail(index);
  if (node.pingSentMs !== 0) topology.setPingSent(index, nowMs);
  if (node.pongReceivedMs !== 0) topology.setPongReceived(index, nowMs);
  if (node.role === 'replica') {
    const primary = node.primary === null ? NO_NODE : topology.find(node.primary);
    topology.setReplicaOf(index, primary);
    if (primary !== NO_NODE) topology.setStatus(primary, StatusBit.migrateTo, true);
  } else {
    topology.assignSlots(node.slots, index, node.slots);
  }
  for (const open of node.migrating) topology.setMigrating(open.slot, topology.find(open.node));
  for (const open of node.importing) topology.setImporting(open.slot, topology.find(open.node));
}

/** What a table holds beside what a file can. */
export interface FromTopologyOptions {
  /** `tls-cluster`: the table then holds the TLS port first. */
  readonly tlsCluster?: boolean;
  /** False: this node does not know in which epochs it voted, and that must stay known. As the table says unless told otherwise. */
  readonly hasVoteMemory?: boolean;
}

/**
 * What is to be saved of a table, nodes in the one order of all views; those in handshake are left out. A host that no
 * line could hold, whoever announced it, is left out too.
 */
export function fromTopology(topology: Topology, options: FromTopologyOptions = {}): NodesConf {
  const nodes = nodesInOrder(topology)
    .filter((node) => !topology.hasStatus(node, StatusBit.handshake))
    .map((node) => nodeOf(topology, node, options.tlsCluster ?? false));
  const lastVoteEpoch =
    (options.hasVoteMemory ?? topology.hasVoteMemory) ? topology.lastVoteEpoch : null;
  return { nodes, currentEpoch: topology.currentEpoch, lastVoteEpoch };
}

function nodeOf(topology: Topology, index: NodeIndex, tlsCluster: boolean): NodesConfNode {
  const node = emptyNode(topology.idOf(index));
  const primary = topology.primaryOf(index);
  node.isSelf = index === topology.self;
  describePlace(node, topology, index, tlsCluster);
  node.role = topology.isReplica(index) ? 'replica' : 'primary';
  node.primary = primary === NO_NODE ? null : topology.idOf(primary);
  node.isPfail = topology.isPfail(index);
  node.isFail = topology.isFail(index);
  node.hasNoAddress = topology.hasStatus(index, StatusBit.noAddress);
  node.hasNoFailover = topology.hasStatus(index, StatusBit.noFailover);
  node.pingSentMs = Math.trunc(topology.pingSentMs(index));
  node.pongReceivedMs = Math.trunc(topology.pongReceivedMs(index));
  node.configEpoch = topology.configEpochOf(primary === NO_NODE ? index : primary);
  node.isConnected = node.isSelf || topology.isLinked(index);
  node.slots = topology.slotsOf(index);
  if (node.isSelf) {
    node.migrating = openSlots(topology, topology.migratingSlots);
    node.importing = openSlots(topology, topology.importingSlots);
  }
  return node;
}

function describePlace(
  node: NodeDraft,
  topology: Topology,
  index: NodeIndex,
  tlsCluster: boolean,
): void {
  const { host, port, altPort, busPort } = topology.addressOf(index);
  node.host = isHost(host) ? host : '';
  node.port = port;
  node.busPort = busPort;
  if (altPort !== 0) node[tlsCluster ? 'tcpPort' : 'tlsPort'] = altPort;
  const labels = topology.labelsOf(index);
  node.shardId = topology.shardIdOf(index);
  node.hostname = labels.hostname;
  node.nodename = labels.nodename;
  node.clientIpv4 = labels.clientIpv4;
  node.clientIpv6 = labels.clientIpv6;
  node.clientTcpPort = labels.clientPort;
  node.clientTlsPort = labels.clientTlsPort;
  node.availabilityZone = labels.availabilityZone;
}

function openSlots(topology: Topology, slots: ReadonlyMap<number, NodeIndex>): OpenSlot[] {
  const open = [...slots].map(([slot, node]) => ({ slot, node: topology.idOf(node) }));
  return open.sort((a, b) => a.slot - b.slot);
}
