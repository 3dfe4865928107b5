// A node's place in the cluster: the rules, the sockets they speak through, the file they are kept in, and the questions
// that commands ask of them. What happens in one turn of the event loop is one batch of the rules.

import {
  ClusterCore,
  type ClusterInput,
  type LocalFacts,
  type OperatorCommand,
  type OperatorOutcome,
  type Route,
  type RouteRequest,
} from '@slotmesh/cluster-core';
import type { ClusterPort } from '@slotmesh/commands';
import type { ClusterClock, Flushable, TurnEnd } from '@slotmesh/io';
import type { Millis, Random } from '@slotmesh/machine';
import type {
  BusTypeCount,
  EndpointType,
  LinkFacts,
  LinkId,
  NodeIndex,
  Topology,
} from '@slotmesh/topology';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log/logger.ts';
import { ClusterBus } from './bus.ts';
import { CLUSTER_OPTION_NAMES, clusterOptions } from './cluster-options.ts';
import type { NodesFile } from './nodes-file.ts';
import { wordNotice } from './notices.ts';
import { Outbox, type OutboxActions } from './outbox.ts';

/** How often the rules look at the clock. */
const TICK_MS = 100;
/** A link that cannot be opened for that long is given up, however short the node timeout is. */
const CONNECT_TIMEOUT_MS_MIN = 1000;
/** A failure report counts for this many node timeouts. */
const REPORT_VALIDITY = 2;

export interface ClusterNodeParts {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: ClusterClock;
  /** The same time, read once for all commands of a chunk. */
  readonly commandTime: { clusterMs(): Millis };
  readonly turnEnd: TurnEnd;
  readonly random: Random;
  readonly topology: Topology;
  readonly file: NodesFile;
  readonly facts: LocalFacts;
  /** In place of the configured one. */
  readonly writableDelayMs: number | null;
  /** Messages for the subscribers here, and slots that went elsewhere. */
  readonly deliver: OutboxActions['deliver'];
  readonly slotsLost: OutboxActions['slotsLost'];
  /** What replication and the keyspace are told of this node's role. */
  readonly role: OutboxActions['role'];
  /** nodes.conf cannot be saved: the node must not go on. */
  readonly saveFailed: (error: unknown) => void;
}

export class ClusterNode implements ClusterPort, Flushable {
  readonly bus: ClusterBus;
  readonly core: ClusterCore;
  readonly #parts: ClusterNodeParts;
  readonly #outbox: Outbox;
  readonly #commandTime: ClusterNodeParts['commandTime'];
  #flushing = false;
  #saving: Promise<void> | null = null;
  #ticker: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: ClusterNodeParts) {
    this.#parts = parts;
    this.#commandTime = parts.commandTime;
    const { config, log, clock, turnEnd, topology, random, facts } = parts;
    const nowMs = () => clock.now();
    this.core = new ClusterCore({
      topology,
      random,
      facts,
      nowMs: nowMs(),
      options: clusterOptions(config, parts.writableDelayMs),
    });
    this.bus = new ClusterBus({
      turnEnd,
      log,
      nowMs,
      input: (input) => this.#input(input),
      sendBufferMax: () => config.number('cluster-link-sendbuf-limit'),
      connectTimeoutMs: () =>
        Math.max(config.number('cluster-node-timeout'), CONNECT_TIMEOUT_MS_MIN),
      sourceAddress: () => config.text('bind-source-addr'),
    });
    this.#outbox = new Outbox({
      save: () => parts.file.save(),
      link: (effect) => {
        if (effect.kind === 'send') this.bus.send(effect.link, effect.message);
        else if (effect.kind === 'connect') this.bus.connect(effect.link, effect.address);
        else this.bus.disconnect(effect.link);
      },
      deliver: parts.deliver,
      slotsLost: parts.slotsLost,
      notice: (notice) => log.log(...wordNotice(notice)),
      role: parts.role,
      saveFailed: parts.saveFailed,
    });
    config.onChange(CLUSTER_OPTION_NAMES, () => {
      this.core.options = clusterOptions(config, parts.writableDelayMs);
      return null;
    });
    parts.file.follow(topology);
  }

  /** What this process starts with has been loaded; `isMissing`: there was no file. To be called before {@link start}. */
  dataLoaded(isMissing: boolean): void {
    this.core.dataLoaded(this.#parts.clock.now(), isMissing, this.#outbox);
    this.#schedule();
  }

  /** Saves the table for the first time in this life, and starts the ticks. */
  async start(): Promise<void> {
    await this.#parts.file.save();
    if (this.#closed) return;
    this.#ticker = setInterval(() => this.#input({ kind: 'tick' }), TICK_MS);
  }

  /** Ends it. With `saves`, the table is written once more before the file is given up. */
  async close(saves: boolean): Promise<void> {
    this.#closed = true;
    clearInterval(this.#ticker);
    this.#outbox.close();
    this.bus.close();
    try {
      if (saves) await this.#parts.file.save();
    } finally {
      await this.#parts.file.close();
    }
  }

  // ---- what happens --------------------------------------------------------------------------------------------

  #input(input: ClusterInput): void {
    if (this.#closed) return;
    this.core.step(this.#parts.clock.now(), input, this.#outbox);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#parts.turnEnd.add(this);
  }

  /** The end of a batch. */
  flush(): void {
    this.#flushing = false;
    if (!this.#closed) this.#settle();
  }

  #settle(): void {
    this.core.settle(this.#parts.clock.now(), this.#outbox);
    const saved = this.#outbox.flush();
    if (saved === null) return;
    this.#saving = saved;
    const done = () => {
      if (this.#saving === saved) this.#saving = null;
    };
    saved.then(done, () => undefined); // the outbox has said what a failure means
  }

  /** Resolves when all that the table shows now is on the disk; null when it is already. */
  unsaved(): Promise<void> | null {
    if (this.#flushing && !this.#closed) this.#settle();
    return this.#saving;
  }

  // ---- what commands ask ---------------------------------------------------------------------------------------

  get topology(): Topology {
    return this.core.topology;
  }

  get endpointType(): EndpointType {
    return this.#parts.config.text('cluster-preferred-endpoint-type') as EndpointType;
  }

  get tlsCluster(): boolean {
    return false;
  }

  serves(slot: number, write: boolean): boolean {
    return this.core.serves(this.#commandTime.clusterMs(), slot, write);
  }

  route(request: RouteRequest): Route {
    return this.core.route(this.#commandTime.clusterMs(), request);
  }

  /** Carries an order out at once. Its reply waits until what it changed is on the disk: see {@link unsaved}. */
  execute(command: OperatorCommand): OperatorOutcome {
    const outcome = this.core.execute(this.#parts.clock.now(), command, this.#outbox);
    this.#settle();
    return outcome;
  }

  publish(sharded: boolean, channel: Uint8Array, message: Uint8Array): void {
    this.#input({ kind: 'publish', sharded, channel, message });
  }

  get replicationOffset(): number {
    return this.#parts.facts.replicationOffset();
  }

  failureReportCount(node: NodeIndex): number {
    const validMs = REPORT_VALIDITY * this.core.options.nodeTimeoutMs;
    return this.topology.failureReportCount(node, this.#parts.clock.now() - validMs);
  }

  linkFacts(link: LinkId): LinkFacts | undefined {
    return this.bus.factsOf(link);
  }

  messageCounts(): Iterable<BusTypeCount> {
    return this.core.stats.entries();
  }

  get linksBufferLimitExceeded(): number {
    return this.bus.bufferLimitExceeded;
  }

  killLinks(direction: 'to' | 'from' | 'all', node: NodeIndex): void {
    this.core.killLinks(this.#parts.clock.now(), direction, node, this.#outbox);
    this.#schedule();
  }

  dropPackets(type: number): void {
    this.bus.dropFilter = type;
  }

  closeLinkOnPacketDrop(on: boolean): void {
    this.bus.closesOnDrop = on;
  }
}
