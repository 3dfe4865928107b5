// What commands need of the cluster: its table to read, one question to ask per command, orders to give. The app
// implements it around the machine of cluster-core and collects the machine's effects in its outbox.

import type { OperatorCommand, OperatorOutcome, Route, RouteRequest } from '@slotmesh/cluster-core';
import type {
  BusTypeCount,
  EndpointType,
  LinkFacts,
  LinkId,
  NodeIndex,
  Topology,
} from '@slotmesh/topology';

export interface ClusterPort {
  readonly topology: Topology;
  /** `cluster-preferred-endpoint-type`: how redirections and CLUSTER SLOTS name nodes. */
  readonly endpointType: EndpointType;
  /** `tls-cluster`: a node's first port is then its TLS port. */
  readonly tlsCluster: boolean;
  /** Whether a command on keys of one slot is served here, whoever sends it; false: {@link route} has to be asked. */
  serves(slot: number, write: boolean): boolean;
  /** Where a command is served. Reads the table and changes nothing. */
  route(request: RouteRequest): Route;
  /** Carries an operator's command out; what it changes durably is flushed before the reply goes out. */
  execute(command: OperatorCommand): OperatorOutcome;
  /** Over the bus to all nodes, or to those of this shard. The bytes are copies that nobody changes. */
  publish(sharded: boolean, channel: Uint8Array, message: Uint8Array): void;
  /** This node's own replication offset. */
  readonly replicationOffset: number;
  /** Reports of a node's failure that are not too old. */
  failureReportCount(node: NodeIndex): number;
  /** Undefined for a link that is not open. */
  linkFacts(link: LinkId): LinkFacts | undefined;
  /** In the order of the wire's type numbers; types never seen may be left out. */
  messageCounts(): Iterable<BusTypeCount>;
  /** How often a link was closed over `cluster-link-sendbuf-limit`. */
  readonly linksBufferLimitExceeded: number;

  /** DEBUG CLUSTERLINK KILL: closes the node's bus connections of that direction. */
  killLinks(direction: 'to' | 'from' | 'all', node: NodeIndex): void;
  /** DEBUG DROP-CLUSTER-PACKET-FILTER: messages of this wire type are dropped as they come; -1 = none, -2 = all. */
  dropPackets(type: number): void;
  /** DEBUG CLOSE-CLUSTER-LINK-ON-PACKET-DROP. */
  closeLinkOnPacketDrop(on: boolean): void;
}
