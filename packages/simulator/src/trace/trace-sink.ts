// What a run tells whoever keeps it: everything that reached each node's machine, and what the
// environment did. The records alone are enough to run the machines again (replay), so they hold
// values and no references to the run.

import type {
  ClusterEffect,
  ClusterInput,
  ClusterOptions,
  OperatorCommand,
  OperatorOutcome,
} from '@slotmesh/cluster-core';
import type {
  ReplicationEffect,
  ReplicationInput,
  ReplicationOptions,
  SavedHistory,
} from '@slotmesh/replication';

/** What reaches a machine of replication: a client's command as its words. */
export type ReplicationRecordInput =
  | Exclude<ReplicationInput, { readonly kind: 'command' }>
  | {
      readonly kind: 'command';
      readonly client: number;
      readonly remoteHost: string;
      readonly words: readonly string[];
    };

/** Times: `atMs` is virtual time since the run began, `nowMs` what the node's own clock said. */
export type TraceRecord =
  /** A process starts. `conf`: the text of its nodes.conf, its own address in place. */
  | {
      readonly kind: 'start';
      readonly atMs: number;
      readonly node: number;
      readonly nowMs: number;
      readonly conf: string;
      /** What its machine's random numbers are seeded with. */
      readonly random: readonly [number, number, number, number];
      readonly options: ClusterOptions;
    }
  /** A process has ended. */
  | { readonly kind: 'stop'; readonly atMs: number; readonly node: number; readonly why: string }
  | {
      readonly kind: 'input';
      readonly atMs: number;
      readonly node: number;
      readonly nowMs: number;
      readonly input: ClusterInput;
    }
  | {
      readonly kind: 'command';
      readonly atMs: number;
      readonly node: number;
      readonly nowMs: number;
      readonly command: OperatorCommand;
      readonly outcome: OperatorOutcome;
    }
  /** What a process starts with has been loaded, its `keys` before that. */
  | {
      readonly kind: 'dataLoaded';
      readonly atMs: number;
      readonly node: number;
      readonly nowMs: number;
      readonly isMissing: boolean;
    }
  /** The batch of the inputs and commands before is over. */
  | {
      readonly kind: 'settle';
      readonly atMs: number;
      readonly node: number;
      readonly nowMs: number;
    }
  /** What the machine asked for since the last settle, in its order. */
  | {
      readonly kind: 'effect';
      readonly atMs: number;
      readonly node: number;
      readonly effect: ClusterEffect;
    }
  /** CONFIG SET. */
  | {
      readonly kind: 'options';
      readonly atMs: number;
      readonly node: number;
      readonly options: ClusterOptions;
    }
  /** The number of keys that a node holds in a slot; the machine reads it. */
  | {
      readonly kind: 'keys';
      readonly atMs: number;
      readonly node: number;
      readonly slot: number;
      readonly count: number;
    }
  /** The replication of a process begins, before its `start`. */
  | {
      readonly kind: 'replicationStart';
      readonly atMs: number;
      readonly node: number;
      readonly nowMs: number;
      readonly random: readonly [number, number, number, number];
      readonly options: ReplicationOptions;
      readonly saved: SavedHistory | null;
      readonly startsAsReplica: boolean;
    }
  | {
      readonly kind: 'replicationInput';
      readonly atMs: number;
      readonly node: number;
      readonly nowMs: number;
      readonly input: ReplicationRecordInput;
    }
  | {
      readonly kind: 'replicationSettle';
      readonly atMs: number;
      readonly node: number;
      readonly nowMs: number;
    }
  /** What the machine of replication asked for until its last settle. */
  | {
      readonly kind: 'replicationEffect';
      readonly atMs: number;
      readonly node: number;
      readonly effect: ReplicationEffect;
    }
  /** A command that was executed, and goes into the stream. */
  | {
      readonly kind: 'append';
      readonly atMs: number;
      readonly node: number;
      readonly words: readonly string[];
    }
  /** Bytes of the stream that were executed. */
  | {
      readonly kind: 'applied';
      readonly atMs: number;
      readonly node: number;
      readonly bytes: number;
      readonly db: number;
    }
  /** Whether a snapshot is being loaded, in place of the data that were there; the rules of the cluster read it. */
  | {
      readonly kind: 'loading';
      readonly atMs: number;
      readonly node: number;
      readonly isLoading: boolean;
    }
  /** A fault, an operator or a phase of the run, in words for the log. `node`: -1 = none. */
  | {
      readonly kind: 'environment';
      readonly atMs: number;
      readonly node: number;
      /** The fault or action: 'partition', 'meet', 'phase'. */
      readonly what: string;
      readonly detail: string;
    };

/** Takes the records of a run, in their order. */
export interface TraceSink {
  record(record: TraceRecord): void;
}
