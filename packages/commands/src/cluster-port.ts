// What commands need of the cluster: its table to read, one question to ask per command, orders to give. The app
// implements it around the machine of cluster-core and collects the machine's effects in its outbox.

import type { OperatorCommand, OperatorOutcome, Route, RouteRequest } from '@slotmesh/cluster-core';
import type { NodeIndex, Topology } from '@slotmesh/topology';

/** `cluster-preferred-endpoint-type`: how redirections and CLUSTER SLOTS name nodes. */
export type EndpointType = 'ip' | 'hostname' | 'unknown-endpoint';

/** One open connection of the cluster bus, as CLUSTER LINKS shows it. */
export interface ClusterLinkFacts {
  /** `to`: this node opened it. */
  readonly direction: 'to' | 'from';
  readonly node: NodeIndex;
  /** Unix milliseconds. */
  readonly createdMs: number;
  /** Waits until its socket takes more. */
  readonly writable: boolean;
  readonly sendBufferAllocated: number;
  readonly sendBufferUsed: number;
}

/** Messages of one type over the cluster bus; `type` in CLUSTER INFO's words: `ping`, `auth-req`, `publishshard`... */
export interface BusTypeCount {
  readonly type: string;
  readonly sent: number;
  readonly received: number;
}

export interface ClusterPort {
  readonly topology: Topology;
  readonly endpointType: EndpointType;
  /** Where a command is served. Asked for every command with keys; reads the table and changes nothing. */
  route(request: RouteRequest): Route;
  /** Carries an operator's command out; what it changes durably is flushed before the reply goes out. */
  execute(command: OperatorCommand): OperatorOutcome;
  /** Over the bus to all nodes, or to those of this shard. The bytes are copies that nobody changes. */
  publish(sharded: boolean, channel: Uint8Array, message: Uint8Array): void;
  links(): Iterable<ClusterLinkFacts>;
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
