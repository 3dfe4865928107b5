// The words in which the table speaks of one node.

/**
 * A node inside one {@link Topology}: a small dense number, reused after the node was removed. Node ids, the
 * 40-character names of the wire, are only for the edges.
 */
export type NodeIndex = number & { readonly brand: 'NodeIndex' };

/** "No such node", where a node is expected. */
export const NO_NODE = -1 as NodeIndex;

/** A connection of the cluster bus, numbered by whoever holds the sockets. */
export type LinkId = number & { readonly brand: 'LinkId' };

/** "No link". */
export const NO_LINK = -1 as LinkId;

/** Where a node listens. Immutable and shared: a thousand tables that agree hold one object. */
export interface NodeAddress {
  /** IPv4 or IPv6 text; empty as long as it is not known. */
  readonly host: string;
  /** Client port: TLS where the cluster speaks TLS, else TCP. */
  readonly port: number;
  /** The other client port of the two, 0 = none. */
  readonly altPort: number;
  readonly busPort: number;
}

/** What a node announces of itself beside its address; '' or 0 where it announces nothing. Immutable and shared. */
export interface NodeLabels {
  readonly hostname: string;
  readonly nodename: string;
  readonly clientIpv4: string;
  readonly clientIpv6: string;
  readonly clientPort: number;
  readonly clientTlsPort: number;
  readonly availabilityZone: string;
}

/** The labels of a node that announces none. */
export const NO_LABELS: NodeLabels = {
  hostname: '',
  nodename: '',
  clientIpv4: '',
  clientIpv6: '',
  clientPort: 0,
  clientTlsPort: 0,
  availabilityZone: '',
};

/** What it takes to enter a node into the table. Times in Unix milliseconds. */
export interface NewNode {
  /** 40 characters of a-z and 0-9. */
  readonly id: string;
  readonly address: NodeAddress;
  readonly createdMs: number;
  readonly labels?: NodeLabels;
  /** Shard id, 40 characters; '' = not known. */
  readonly shardId?: string;
  readonly configEpoch?: number;
  readonly handshake?: boolean;
}
