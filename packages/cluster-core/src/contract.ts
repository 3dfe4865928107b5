// What goes into the machine of a cluster node and what comes out of it. The rules behind it are
// composed in cluster-core.ts; the node's outbox, the tests and the simulator carry the effects
// out.

import type {
  FailoverFacts,
  FailoverMode,
  FailoverNotice,
  FailoverOptions,
  RoleEffect,
} from '@slotmesh/failover';
import type {
  GossipEffect,
  GossipFacts,
  GossipInput,
  GossipNotice,
  GossipOptions,
} from '@slotmesh/gossip';
import type { NodeIndex } from '@slotmesh/topology';

/**
 * Events: messages, links that open and close, what clients publish, and a tick every 100 ms.
 * Outbound links are asked for by a `connect` effect, which also numbers them (even numbers);
 * inbound ones are numbered by whoever accepts them (odd numbers). A number is never used again.
 */
export type ClusterInput = GossipInput;

/**
 * What should be done, in this order, durable persists of a batch before its first send. `follow`,
 * `promote`, `pauseWrites`, `resumeWrites` and `emptyData` tell replication and the keyspace what to do:
 * they are carried out at once, in their order, and wait for no save. A node starts as a primary that
 * follows nobody; one that was saved as a replica pushes `follow` with its first batch.
 */
export type ClusterEffect =
  | Exclude<GossipEffect, { readonly kind: 'notice' }>
  | RoleEffect
  | { readonly kind: 'notice'; readonly notice: ClusterNotice };

/** Something worth a line in a log; the app words it. */
export type ClusterNotice =
  | GossipNotice
  | FailoverNotice
  /** A primary has started without the data that it should have, and keeps silent for a while. */
  | { readonly kind: 'dataMissing'; readonly silenceMs: number }
  /** There were keys in slots that nobody owned: they are this node's now. */
  | { readonly kind: 'slotsAdopted'; readonly slots: readonly number[] }
  /** There were keys in slots that others own: they are deleted. */
  | { readonly kind: 'keysOfOthers'; readonly slots: readonly number[] }
  | { readonly kind: 'stateChanged'; readonly state: 'ok' | 'fail' };

/**
 * Operator commands, as CLUSTER's subcommands give them. Numbers are checked for their range
 * before.
 */
export type OperatorCommand =
  | {
      readonly kind: 'meet';
      readonly host: string;
      readonly port: number;
      readonly busPort: number;
    }
  | { readonly kind: 'forget'; readonly id: string }
  /** In the order in which they were given, repetitions included. */
  | { readonly kind: 'addSlots'; readonly slots: readonly number[] }
  | { readonly kind: 'delSlots'; readonly slots: readonly number[] }
  | { readonly kind: 'flushSlots' }
  | { readonly kind: 'reset'; readonly hard: boolean }
  /** CLUSTER REPLICATE. */
  | { readonly kind: 'replicate'; readonly id: string }
  /** CLUSTER FAILOVER; `graceful` is the one without a word behind it. */
  | { readonly kind: 'failover'; readonly mode: FailoverMode }
  | { readonly kind: 'bumpEpoch' }
  | { readonly kind: 'setConfigEpoch'; readonly epoch: number }
  | { readonly kind: 'saveConfig' };

/**
 * The answer to an operator: `text` is the reply as it goes out, without the type byte ('OK',
 * 'BUMPED 7', 'ERR ...').
 */
export interface OperatorOutcome {
  readonly ok: boolean;
  readonly text: string;
}

/**
 * What the rules ask of the rest of the node: keys (`keyCountInSlot`, `keyCount`), and where replication
 * stands (`replicationOffset`, `primaryLinkUp`, `lastPrimaryInteractionMs`, `isLoading`). Read only; may
 * be asked in every step, so the answers should be at hand.
 */
export interface LocalFacts extends GossipFacts, FailoverFacts {}

/**
 * What the rules are told of the configuration; {@link clusterDefaults} has Redis's defaults. May be
 * replaced while the node runs.
 *
 * With `lease` on, writes need answers of a majority that are younger than the node timeout, and voters
 * wait until such answers of theirs have expired before they vote against a primary; off = as the peers
 * do. With `stallGuard` on, answers from before a standstill of this process do not count for the lease.
 */
export interface ClusterOptions extends GossipOptions, FailoverOptions {
  /** cluster-require-full-coverage. */
  readonly requireFullCoverage: boolean;
  /** cluster-allow-reads-when-down. */
  readonly allowReadsWhenDown: boolean;
  /** cluster-allow-pubsubshard-when-down. */
  readonly allowPubsubShardWhenDown: boolean;
  /** A primary waits this long after its start before it calls the cluster ok. */
  readonly writableDelayMs: number;
  /**
   * A primary that was cut off with a minority waits a node timeout before it calls the cluster ok again,
   * at least this long ...
   */
  readonly rejoinDelayMsMin: number;
  /** ... and at most this long. */
  readonly rejoinDelayMsMax: number;
  /**
   * A primary that starts without its data keeps silent until its replicas, which may have them, had the time
   * to win; off = as the peers do, it comes back empty, and so will its replicas be.
   */
  readonly recoverySilence: boolean;
}

/** The defaults of redis.conf, and ours where it has none. */
export const clusterDefaults: ClusterOptions = Object.freeze({
  nodeTimeoutMs: 15_000,
  requireFullCoverage: true,
  allowReadsWhenDown: false,
  allowPubsubShardWhenDown: true,
  replicaNoFailover: false,
  replicaValidityFactor: 10,
  allowReplicaMigration: true,
  migrationBarrier: 1,
  replPingPeriodMs: 10_000,
  manualFailoverTimeoutMs: 5000,
  electionStrategy: 'redis',
  blacklistTtlS: 60,
  lease: true,
  stallGuard: true,
  writableDelayMs: 2000,
  rejoinDelayMsMin: 500,
  rejoinDelayMsMax: 5000,
  recoverySilence: true,
  announce: { host: '', port: 0, altPort: 0, busPort: 0, hostname: '', nodename: '' },
});

/** The keys of a command, as far as routing asks for them. */
export interface KeyPresence {
  /** Number of different keys that the command names. */
  readonly keyCount: number;
  /** Number of those that are not in the keyspace now. */
  missingCount(): number;
}

/** A command on its way to be served. */
export interface RouteRequest {
  /**
   * The slot of its keys or shard channels; of the first one where they differ; -1 if it has none.
   */
  readonly slot: number;
  /** Its keys or channels lie in more than one slot. */
  readonly crossSlot: boolean;
  readonly write: boolean;
  readonly shardedPubSub: boolean;
  /** MIGRATE itself. */
  readonly isMigrate: boolean;
  /** The client sent READONLY. */
  readonly readonlyClient: boolean;
  /** The client sent ASKING just before, or the command implies it. */
  readonly asking: boolean;
  /** null: presence is not asked (queued in MULTI). */
  readonly presence: KeyPresence | null;
}

/** Where a command is served, or why nowhere. */
export type Route =
  | { readonly kind: 'serve' }
  | { readonly kind: 'moved'; readonly slot: number; readonly node: NodeIndex }
  | { readonly kind: 'ask'; readonly slot: number; readonly node: NodeIndex }
  | { readonly kind: 'tryAgain' }
  | { readonly kind: 'crossSlot' }
  | { readonly kind: 'clusterDown'; readonly reason: 'slotNotServed' | 'down' | 'readOnly' };
