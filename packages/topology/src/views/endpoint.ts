// How a node is named towards a client: which of its addresses, and which of its two client ports. CLUSTER SLOTS,
// CLUSTER SHARDS, CLUSTER NODES and redirections must agree in this. Rules: the `cluster-preferred-endpoint-type`
// directive of Redis 7.0.

import type { NodeAddress, NodeIndex } from '../node.ts';
import type { Topology } from '../topology.ts';

/** `cluster-preferred-endpoint-type`: by what clients are to reach nodes. */
export type EndpointType = 'ip' | 'hostname' | 'unknown-endpoint';

/** Who asks, and what the answering node is set to; what is left out has the value that a plain server has. */
export interface ViewOptions {
  /** `ip` unless told otherwise. */
  readonly endpointType?: EndpointType;
  /** The client's own connection is TLS, so that it can use TLS ports only. */
  readonly tlsClient?: boolean;
  /** `tls-cluster`: {@link NodeAddress.port} is then the TLS port. */
  readonly tlsCluster?: boolean;
  /** This node's replication offset in bytes; without it, the one that the table has of it. */
  readonly selfOffset?: number;
}

/**
 * By what a client is to reach the node: its IP, its hostname, `?` where a hostname is wanted and none is announced,
 * or '' (the client goes on with the host that it asked) for `unknown-endpoint`.
 */
export function preferredEndpoint(
  topology: Topology,
  node: NodeIndex,
  options: ViewOptions = {},
): string {
  switch (options.endpointType ?? 'ip') {
    case 'ip':
      return topology.addressOf(node).host;
    case 'hostname':
      return topology.labelsOf(node).hostname || '?';
    case 'unknown-endpoint':
      return '';
  }
}

/** The port for this client's kind of connection; the other one where the node announces only that. */
export function clientPort(address: NodeAddress, options: ViewOptions = {}): number {
  const { tlsClient = false, tlsCluster = false } = options;
  return tlsClient === tlsCluster ? address.port : address.altPort || address.port;
}

/** Both client ports by their kind; 0 = none, or not known. */
export function clientPorts(
  address: NodeAddress,
  options: ViewOptions = {},
): { readonly tcp: number; readonly tls: number } {
  return options.tlsCluster
    ? { tcp: address.altPort, tls: address.port }
    : { tcp: address.port, tls: address.altPort };
}

/** This node's own offset is the caller's to know; those of the others are what they last said. */
export function shownOffset(topology: Topology, node: NodeIndex, options: ViewOptions): number {
  const own = node === topology.self ? options.selfOffset : undefined;
  return own ?? topology.offsetOf(node);
}
