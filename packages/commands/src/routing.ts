// Hot path: which slot a command's keys lie in, and what to answer where another node serves it; bench in
// bench/execute.bench.ts. The rules are cluster-core's; the texts are Redis's.

import type { KeyPresence, Route, RouteRequest } from '@slotmesh/cluster-core';
import { keySlotOfRange } from '@slotmesh/crc16-slots';
import type { Database } from '@slotmesh/keyspace';
import type { Arguments } from '@slotmesh/resp';
import { clientPort, preferredEndpoint } from '@slotmesh/topology';
import type { ClusterPort } from './cluster-port.ts';
import type { Command } from './command.ts';
import { CommandFlag } from './command-flags.ts';
import { CROSS_SLOT, TRY_AGAIN } from './errors.ts';
import type { Session } from './session.ts';
import type { KeySpec } from './table/facts.ts';
import type { QueuedCommand, Transaction } from './transaction.ts';

/** Index of the last argument that is a key, for a command of that many arguments. */
export function lastKeyOf(keys: KeySpec, argumentCount: number): number {
  return Math.min(argumentCount - 1, keys.last < 0 ? argumentCount + keys.last : keys.last);
}

/** The question to cluster-core, and the answers to what it asks back. Filled in anew for each command. */
export class CommandRoute implements RouteRequest, KeyPresence {
  slot = -1;
  crossSlot = false;
  write = false;
  shardedPubSub = false;
  readonly isMigrate = false;
  readonlyClient = false;
  asking = false;
  keyCount = 0;

  #args!: Arguments;
  #keys!: KeySpec;
  /** Of EXEC, whose keys are those of all queued commands; null: of one command. */
  #queue: readonly QueuedCommand[] | null = null;
  #isQueueing = false;
  #database!: Database;
  #nowMs = 0;

  get presence(): KeyPresence {
    return this;
  }

  /** False if the command names no keys, so that any node serves it. */
  prepare(
    command: Command,
    keys: KeySpec,
    args: Arguments,
    session: Session,
    database: Database,
    nowMs: number,
  ): boolean {
    this.slot = -1;
    this.crossSlot = false;
    this.keyCount = 0;
    this.#addKeys(keys, args);
    if (this.keyCount === 0) return false;
    this.#args = args;
    this.#keys = keys;
    this.#queue = null;
    this.#isQueueing = session.transaction !== null;
    this.#ask(command.flags, session, database, nowMs);
    if ((command.flags & CommandFlag.asking) !== 0) this.asking = true;
    return true;
  }

  /** As {@link prepare}, for the EXEC of a transaction. */
  prepareExec(
    transaction: Transaction,
    session: Session,
    database: Database,
    nowMs: number,
  ): boolean {
    this.slot = -1;
    this.crossSlot = false;
    this.keyCount = 0;
    for (const { command, args } of transaction.queue) {
      if (command.keys !== null) this.#addKeys(command.keys, args);
    }
    if (this.keyCount === 0) return false;
    this.#queue = transaction.queue;
    this.#isQueueing = false;
    this.#ask(transaction.flags, session, database, nowMs);
    return true;
  }

  #addKeys(keys: KeySpec, args: Arguments): void {
    const { buffer, starts, ends } = args;
    const last = lastKeyOf(keys, args.count);
    for (let i = keys.first; i <= last; i += keys.step) {
      const slot = keySlotOfRange(buffer, starts[i], ends[i]);
      if (this.slot < 0) this.slot = slot;
      else if (slot !== this.slot) this.crossSlot = true;
      this.keyCount++;
    }
  }

  #ask(flags: number, session: Session, database: Database, nowMs: number): void {
    this.write = (flags & CommandFlag.write) !== 0;
    this.shardedPubSub = (flags & CommandFlag.shardedPubSub) !== 0;
    this.readonlyClient = session.readonly;
    this.asking = session.asking;
    this.#database = database;
    this.#nowMs = nowMs;
  }

  /** While commands are queued nothing is missing: keys count when they are used, at EXEC. */
  missingCount(): number {
    if (this.#isQueueing) return 0;
    if (this.#queue === null) return this.#missingOf(this.#keys, this.#args);
    let missing = 0;
    for (const { command, args } of this.#queue) {
      if (command.keys !== null) missing += this.#missingOf(command.keys, args);
    }
    return missing;
  }

  #missingOf(keys: KeySpec, args: Arguments): number {
    const { buffer, starts, ends } = args;
    const last = lastKeyOf(keys, args.count);
    let missing = 0;
    for (let i = keys.first; i <= last; i += keys.step) {
      if (!this.#database.find(this.slot, buffer, starts[i], ends[i], this.#nowMs)) missing++;
    }
    return missing;
  }
}

/** The error that sends a client elsewhere, or tells it why nobody serves the command. */
export function redirectionText(
  route: Exclude<Route, { kind: 'serve' }>,
  cluster: ClusterPort,
  session: Session,
): string {
  switch (route.kind) {
    case 'moved':
    case 'ask': {
      const options = {
        endpointType: cluster.endpointType,
        tlsClient: session.isTls,
        tlsCluster: cluster.tlsCluster,
      };
      const host = preferredEndpoint(cluster.topology, route.node, options);
      const port = clientPort(cluster.topology.addressOf(route.node), options);
      return `${route.kind === 'moved' ? 'MOVED' : 'ASK'} ${route.slot} ${host}:${port}`;
    }
    case 'tryAgain':
      return TRY_AGAIN;
    case 'crossSlot':
      return CROSS_SLOT;
    case 'clusterDown':
      return CLUSTER_DOWN[route.reason];
  }
}

const CLUSTER_DOWN = {
  slotNotServed: 'CLUSTERDOWN Hash slot not served',
  down: 'CLUSTERDOWN The cluster is down',
  readOnly: 'CLUSTERDOWN The cluster is down and only accepts read commands',
} as const;
