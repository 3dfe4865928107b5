// What goes into the machine of failover and what comes out of it. Whoever holds the links (cluster-core,
// by gossip) carries out `tell`, `announce` and `changed` at once; the rest goes to the node's outbox.

import type { BareMessage } from '@slotmesh/cluster-bus';
import type { Millis } from '@slotmesh/machine';
import type { NodeAddress, NodeIndex } from '@slotmesh/topology';

/** What happened that failover has rules for. The table has been brought up to date before. */
export type FailoverInput =
  /** A message of failover came from a member; its header has been taken over into the table. */
  | { readonly kind: 'message'; readonly sender: NodeIndex; readonly message: BareMessage }
  /** A message of this replica's primary says that it takes no writes and that `offset` is final. */
  | { readonly kind: 'primaryPaused'; readonly offset: number }
  /**
   * The last slot of this primary, or of the one that this replica follows, was taken by `node` with a
   * greater config epoch.
   */
  | { readonly kind: 'replaced'; readonly node: NodeIndex }
  /** This replica and its primary follow each other, directly or by others: this one has to stop. */
  | { readonly kind: 'circle' }
  /** Every 100 ms. */
  | { readonly kind: 'tick' };

/** The three messages that are failover's own. */
export type FailoverMessageKind = BareMessage['kind'];

/** What should be done, in this order; durable persists of a batch before its first message. */
export type FailoverEffect =
  /** Save nodes.conf; nothing is sent before it is on the disk. */
  | { readonly kind: 'persist'; readonly durable: boolean }
  /** Send a message to one node, or to all members, with these bits in its header. */
  | {
      readonly kind: 'tell';
      readonly to: NodeIndex | 'everybody';
      readonly message: FailoverMessageKind;
      readonly messageFlags: number;
    }
  /** A PONG to all nodes of this shard: what this node says of itself is news to them now. */
  | { readonly kind: 'announce' }
  /** This node's role, slots or epoch are others now: to be saved, and told to everybody. */
  | { readonly kind: 'changed'; readonly durable: boolean }
  | RoleEffect
  | { readonly kind: 'notice'; readonly notice: FailoverNotice };

/** What a change of roles asks of the rest of the node. Carried out at once, in order. */
export type RoleEffect =
  /**
   * Replicate that node from now on, whatever was replicated before; comes again when its address is
   * another one.
   */
  | {
      readonly kind: 'follow';
      readonly node: NodeIndex;
      readonly id: string;
      readonly address: NodeAddress;
    }
  /** Stop following: this node is a primary now, with the data that is here. */
  | { readonly kind: 'promote' }
  /** Take no writes of clients until `resumeWrites`, or that time at the latest. */
  | { readonly kind: 'pauseWrites'; readonly untilMs: Millis }
  | { readonly kind: 'resumeWrites' }
  /** All keys go: they belong to a cluster that this node is not in any more. */
  | { readonly kind: 'emptyData' };

/** Why a vote was refused. */
export type VoteRefusal =
  /** This node has no slots, or replicates another. Nobody is told: replicas are asked all the time. */
  | { readonly reason: 'notAVoter' }
  /** Its epoch is behind. */
  | { readonly reason: 'oldEpoch'; readonly requestEpoch: number; readonly currentEpoch: number }
  /** This node has voted in that epoch, perhaps for another one, or may have. */
  | { readonly reason: 'alreadyVoted'; readonly epoch: number }
  | { readonly reason: 'isPrimary' }
  | { readonly reason: 'primaryUnknown' }
  | { readonly reason: 'primaryUp' }
  /** This node voted about the same primary a moment ago. */
  | { readonly reason: 'votedRecently'; readonly remainingMs: number }
  /** Somebody owns one of the slots with a greater config epoch. */
  | {
      readonly reason: 'slotEpoch';
      readonly slot: number;
      readonly slotEpoch: number;
      readonly requestEpoch: number;
    }
  /** This node answered a PING of that primary a moment ago: the primary may count on it for its lease. */
  | { readonly reason: 'leaseOpen'; readonly remainingMs: number }
  /** This node was started a moment ago, and does not know whom it answered before that. */
  | { readonly reason: 'justStarted'; readonly remainingMs: number }
  /** This node does not know in which epochs it voted, and has not heard a majority yet. */
  | { readonly reason: 'noVoteMemory' };

/** Why a replica of a failed primary is not a primary yet. */
export type FailoverObstacle =
  | 'dataAge'
  | 'loading'
  | 'noVoteMemory'
  | 'uncorroborated'
  | 'waitingDelay'
  | 'waitingVotes'
  | 'expired';

/** Something worth a line in a log; the app words it. */
export type FailoverNotice =
  | { readonly kind: 'failoverObstacle'; readonly obstacle: FailoverObstacle }
  | {
      readonly kind: 'electionScheduled';
      readonly delayMs: number;
      readonly rank: number;
      readonly offset: number;
    }
  | { readonly kind: 'electionRankUpdated'; readonly rank: number; readonly addedMs: number }
  | { readonly kind: 'electionStarted'; readonly epoch: number }
  | { readonly kind: 'electionWon' }
  | { readonly kind: 'configEpochTaken'; readonly configEpoch: number }
  | { readonly kind: 'voteGranted'; readonly id: string; readonly epoch: number }
  | ({ readonly kind: 'voteRefused'; readonly id: string } & VoteRefusal)
  /** The same, but for now only: the request is kept. */
  | ({ readonly kind: 'voteDeferred'; readonly id: string } & VoteRefusal)
  | { readonly kind: 'voteMemoryRegained'; readonly epoch: number }
  | { readonly kind: 'manualFailoverAccepted'; readonly mode: FailoverMode }
  /** A replica of this primary asked for the handover. */
  | { readonly kind: 'manualFailoverRequested'; readonly id: string }
  | { readonly kind: 'manualFailoverOffsetReceived'; readonly offset: number }
  | { readonly kind: 'manualFailoverReady' }
  | { readonly kind: 'manualFailoverTimedOut' }
  /** This node was its own primary's primary, and is a primary without slots now. */
  | { readonly kind: 'circleLeft'; readonly id: string }
  /** `reason`: its slots were taken over; its primary follows another; an orphaned primary needs it. */
  | {
      readonly kind: 'reconfigured';
      /** The node that is followed from now on. */
      readonly id: string;
      readonly reason: 'slotsTaken' | 'subReplica' | 'migration';
    };

/** CLUSTER FAILOVER, CLUSTER FAILOVER FORCE, CLUSTER FAILOVER TAKEOVER. */
export type FailoverMode = 'graceful' | 'force' | 'takeover';

/** What failover asks of the rest of the node. Read only. */
export interface FailoverFacts {
  /**
   * A primary's replication offset; a replica's: how much of its primary's stream it has applied. 0 while
   * it has none of its data (before and during a full synchronization).
   */
  replicationOffset(): number;
  /** A replica: whether its link to its primary is up and in step (not while it synchronizes in full). */
  primaryLinkUp(): boolean;
  /**
   * A replica: when anything last came from its primary, on the cluster's clock (the `nowMs` of the steps);
   * null = never since it follows this one.
   */
  lastPrimaryInteractionMs(): Millis | null;
  /** Whether the data here is incomplete: a file, or a full synchronization, is being loaded. */
  isLoading(): boolean;
  /** Keys in all databases. */
  keyCount(): number;
  /** Keys of one slot. */
  keyCountInSlot(slot: number): number;
}

/** The part of the configuration that failover reads. May be replaced while the node runs. */
export interface FailoverOptions {
  /** cluster-node-timeout. */
  readonly nodeTimeoutMs: number;
  /** cluster-replica-no-failover. */
  readonly replicaNoFailover: boolean;
  /** cluster-replica-validity-factor; 0 = data may be of any age. */
  readonly replicaValidityFactor: number;
  /** cluster-allow-replica-migration. */
  readonly allowReplicaMigration: boolean;
  /** cluster-migration-barrier: the replicas that a primary keeps. */
  readonly migrationBarrier: number;
  /** repl-ping-replica-period. */
  readonly replPingPeriodMs: number;
  /** How long a manual failover may take; Valkey 9's cluster-manual-failover-timeout. */
  readonly manualFailoverTimeoutMs: number;
  /** How long replicas wait before they ask for votes: as Redis and Valkey up to 8, or as Valkey 9. */
  readonly electionStrategy: ElectionStrategy;
  /** Voters keep to the write leases of primaries; off = they vote as the peers do. */
  readonly lease: boolean;
}

export type ElectionStrategy = 'redis' | 'valkey9';
