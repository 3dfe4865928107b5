// What goes into the gossip machine and what comes out of it. A node's outbox, the tests and the
// simulator carry the effects out; `cluster-core` hands them through.

import type { BareMessage, BusMessage, GossipEntry } from '@slotmesh/cluster-bus';
import type { LinkId, NodeAddress, NodeIndex } from '@slotmesh/topology';

/**
 * Events. Links: outbound ones are asked for by a `connect` effect, which also numbers them (even
 * numbers); inbound ones are numbered by whoever accepts them (odd numbers). A number is never used
 * again.
 */
export type GossipInput =
  /** A whole message came on a link. */
  | { readonly kind: 'message'; readonly link: LinkId; readonly message: BusMessage }
  /** A link is open: one that was asked for, or one that another node opened. Hosts as IP text. */
  | {
      readonly kind: 'linkUp';
      readonly link: LinkId;
      readonly remoteHost: string;
      readonly localHost: string;
    }
  /** A link could not be opened, was closed by the peer, broke, or overran its send buffer. */
  | { readonly kind: 'linkDown'; readonly link: LinkId }
  /** A client published; the message goes to the other nodes (sharded: to those of this shard). */
  | {
      readonly kind: 'publish';
      readonly sharded: boolean;
      readonly channel: Uint8Array;
      readonly message: Uint8Array;
    }
  /** Every 100 ms. */
  | { readonly kind: 'tick' };

/** What should be done, in this order, durable persists of a batch before its first send. */
export type GossipEffect =
  /**
   * Save nodes.conf from the table as it then is; durable: nothing is sent before it is on the
   * disk.
   */
  | { readonly kind: 'persist'; readonly durable: boolean }
  | { readonly kind: 'send'; readonly link: LinkId; readonly message: BusMessage }
  | { readonly kind: 'connect'; readonly link: LinkId; readonly address: NodeAddress }
  | { readonly kind: 'disconnect'; readonly link: LinkId }
  /** A message published elsewhere, for the subscribers here. */
  | {
      readonly kind: 'deliver';
      readonly sharded: boolean;
      readonly channel: Uint8Array;
      readonly message: Uint8Array;
    }
  /**
   * This node does not serve these slots any more: subscribers of their shard channels are told,
   * and with `deleteKeys` the keys in them go.
   */
  | {
      readonly kind: 'slotsLost';
      readonly slots: readonly number[];
      readonly deleteKeys: boolean;
    }
  | { readonly kind: 'notice'; readonly notice: GossipNotice };

/** Something worth a line in a log; the app words it. */
export type GossipNotice =
  | { readonly kind: 'nodeJoined'; readonly id: string; readonly address: NodeAddress }
  | { readonly kind: 'nodeForgotten'; readonly id: string }
  | { readonly kind: 'handshakeTimedOut'; readonly address: NodeAddress }
  | { readonly kind: 'nodePfail'; readonly id: string }
  /** `reporter`: whose FAIL message said so; null where this node counted the reports itself. */
  | { readonly kind: 'nodeFailed'; readonly id: string; readonly reporter: string | null }
  | { readonly kind: 'nodeRecovered'; readonly id: string; readonly wasReplica: boolean }
  | { readonly kind: 'failureReported'; readonly id: string; readonly reporter: string }
  | { readonly kind: 'failureReportWithdrawn'; readonly id: string; readonly reporter: string }
  | { readonly kind: 'addressChanged'; readonly id: string; readonly address: NodeAddress }
  | { readonly kind: 'ownAddressLearned'; readonly host: string }
  | { readonly kind: 'epochCollision'; readonly id: string; readonly configEpoch: number }
  /** Voters had voted against this node, and nobody has replaced it. */
  | { readonly kind: 'epochRenewed'; readonly configEpoch: number }
  /**
   * Another process with this node's id answers at that address. One of the two stands aside: it serves
   * nothing, and is silent on the bus.
   */
  | { readonly kind: 'twinFound'; readonly address: NodeAddress; readonly standsAside: boolean }
  /** It has not answered for two node timeouts. */
  | { readonly kind: 'twinGone' }
  | { readonly kind: 'slotsTaken'; readonly by: string; readonly slots: readonly number[] };

/**
 * What gossip has heard and has no rule for: it is for the rules of failover, after the step. The table has
 * been brought up to date.
 */
export type GossipNews =
  | { readonly kind: 'message'; readonly sender: NodeIndex; readonly message: BareMessage }
  /** This replica's primary takes no writes: its offset is final. */
  | { readonly kind: 'primaryPaused'; readonly offset: number }
  /** The last slot of this primary, or of this replica's primary, is that node's now. */
  | { readonly kind: 'replaced'; readonly node: NodeIndex }
  /** This replica and its primary follow each other, for a node timeout, and this one has to be a primary. */
  | { readonly kind: 'circle' };

/** What gossip asks of the rest of the node. Read only. */
export interface GossipFacts {
  /** Keys in a slot, 0 where there are none. */
  keyCountInSlot(slot: number): number;
  replicationOffset(): number;
}

/** What a node announces of itself; '' and 0 = not set (the host is then learned from links). */
export interface Announcement {
  readonly host: string;
  readonly port: number;
  readonly altPort: number;
  readonly busPort: number;
  readonly hostname: string;
  readonly nodename: string;
}

/**
 * Gives an entry that says the same, if there is one already. Where many nodes live in one process, as in a simulation,
 * most of what one makes another one has made; nobody changes an entry.
 */
export type ShareEntry = (entry: GossipEntry) => GossipEntry;

/** The part of the configuration that gossip reads. May be replaced while the node runs. */
export interface GossipOptions {
  /** cluster-node-timeout. */
  readonly nodeTimeoutMs: number;
  /** cluster-replica-no-failover. */
  readonly replicaNoFailover: boolean;
  /** cluster-blacklist-ttl, seconds. */
  readonly blacklistTtlS: number;
  /**
   * Voters are pinged often enough for a write lease, and their answers are not counted while votes of
   * theirs may be in use; off = as the peers do.
   */
  readonly lease: boolean;
  /** Answers from before a standstill of this process do not count for the lease. */
  readonly stallGuard: boolean;
  /** cluster-allow-replica-migration: also whether a primary that lost its slots becomes a replica. */
  readonly allowReplicaMigration: boolean;
  readonly announce: Announcement;
}
