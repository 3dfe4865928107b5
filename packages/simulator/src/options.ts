// Everything that a run depends on, as plain data: two runs with equal options are equal. Usually
// they are drawn from a seed (swarm.ts), and a few are set by hand.

import type { ClusterOptions } from '@slotmesh/cluster-core';
import type { ReplicationOptions } from '@slotmesh/replication';

/**
 * What everything else counts on, and what a run may break all the same: that a connection keeps the
 * order and loses nothing ('tcp'), that a disk keeps what it said it has kept ('disk'), that nobody
 * on the bus lies ('bus'). Checks that assume one of these are left out where it is broken.
 */
export type Assumption = 'tcp' | 'disk' | 'bus';

/** What a run may be told of a fault: plain data. */
export type FaultOptions = object;

/** A fault that a run has. */
export interface FaultSetting {
  readonly name: string;
  /** Mean time between two strikes, ms; 0 for a fault that lasts. */
  readonly everyMs: number;
  /** The fault's own. */
  readonly options: FaultOptions;
}

/** A workload that a run has. */
export interface WorkloadSetting {
  readonly name: string;
  readonly everyMs: number;
  readonly options: object;
}

/** Operators' actions: which of them are in, and how often one starts. */
export interface OperatorSetting {
  /** Names; empty = no operator. */
  readonly actions: readonly string[];
  /** Mean time between two actions, ms. */
  readonly everyMs: number;
  /** Mean time between two steps of a procedure, ms. */
  readonly stepMs: number;
  /** How often a procedure is cut off after a step. */
  readonly interruption: number;
}

/** What elections go by; redis.conf's defaults where a run does not say. */
export type FailoverSettings = Pick<
  ClusterOptions,
  | 'stallGuard'
  | 'electionStrategy'
  | 'replicaValidityFactor'
  | 'allowReplicaMigration'
  | 'migrationBarrier'
  | 'replPingPeriodMs'
  | 'manualFailoverTimeoutMs'
>;

/** How nodes replicate. */
export interface ReplicationSetting {
  /** So many of the nodes without slots are replicas from the beginning, of each voter in turn. */
  readonly replicas: number;
  /** From one save of a node's data to the next, ms; 0 = never but at a SHUTDOWN. */
  readonly saveEveryMs: number;
  /** shutdown-timeout. */
  readonly shutdownTimeoutMs: number;
  /** What differs from Redis's defaults. */
  readonly machine: Partial<ReplicationOptions>;
}

export interface SimulationOptions {
  /** Whole, 0 to 2^53 - 1. */
  readonly seed: number;
  readonly nodes: number;
  /** The first so many of them own the slots. */
  readonly voters: number;
  /** The nodes meet as a tool lets them, or start from files in which they know each other. */
  readonly start: 'meet' | 'files';
  /** How long faults, operators and clients go on, virtual ms. */
  readonly faultyMs: number;
  /** Every message is encoded and decoded on its way. */
  readonly codec: boolean;
  /** Every node's; `blacklistTtlS` in seconds. */
  readonly cluster: {
    readonly nodeTimeoutMs: number;
    readonly lease: boolean;
    readonly requireFullCoverage: boolean;
    readonly blacklistTtlS: number;
  } & Partial<FailoverSettings>;
  readonly replication: ReplicationSetting;
  /** One way, ms: the least, and the mean of the exponential part. */
  readonly delay: { readonly minMs: number; readonly meanMs: number };
  /** Each node's clock runs at a rate between these. */
  readonly clockRate: { readonly min: number; readonly max: number };
  readonly disk: { readonly minMs: number; readonly meanMs: number };
  /** What this run breaks of what is promised: faults that do so are drawn only then. */
  readonly beyond: readonly Assumption[];
  readonly faults: readonly FaultSetting[];
  readonly operators: OperatorSetting;
  readonly workloads: readonly WorkloadSetting[];
  /** Strikes and actions that are left out, as the log numbers them: 'partition#3', 'operator#12'. */
  readonly masked: readonly string[];
}
