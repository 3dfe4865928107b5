// What a simulated node is made of, and what it needs of the world around it.

import type { ClusterOptions } from '@slotmesh/cluster-core';
import type { ReplicationOptions } from '@slotmesh/replication';
import type { NodeClock } from '../clock/node-clock.ts';
import type { NodeDisk } from '../disk/node-disk.ts';
import type { WireNetwork } from '../network/network.ts';
import type { StreamNetwork } from '../network/streams.ts';
import type { TraceHash } from '../trace/trace-hash.ts';
import type { TraceSink } from '../trace/trace-sink.ts';
import type { Place } from './contract.ts';
import type { EntryPool } from './entry-pool.ts';
import type { Handlers } from './tell.ts';

/** What a node needs of the world around it. */
export interface NodeHost<Node> {
  readonly seed: number;
  readonly network: WireNetwork;
  readonly streams: StreamNetwork;
  readonly replication: {
    readonly options: Partial<ReplicationOptions>;
    /** From one save of the data to the next, ms; 0 = they are saved at a SHUTDOWN alone. */
    readonly saveEveryMs: number;
    readonly shutdownTimeoutMs: number;
  };
  after(delayMs: number, run: () => void): void;
  readonly entries: EntryPool;
  readonly hash: TraceHash;
  readonly trace: TraceSink | null;
  readonly handlers: Handlers;
  nowMs(): number;
  /** The node's `tick` is to be called at that time, with that life. */
  tickAt(atMs: number, node: Node, life: number): void;
  note(what: string, detail: string, node: Node): void;
}

export interface ClusterNodeParts {
  readonly index: number;
  readonly place: Place;
  readonly clock: NodeClock;
  readonly disk: NodeDisk;
  /** Has the data file. */
  readonly dataDisk: NodeDisk;
  readonly options: ClusterOptions;
}
