// The rules of a cluster node as one machine: composes gossip and failover (and later slot migration)
// over one table, looks at the cluster's health once per batch, and says where a command
// is served.

import type { SlotSet } from '@slotmesh/crc16-slots';
import { Failover } from '@slotmesh/failover';
import {
  Gossip,
  type IgnoredReason,
  isInbound,
  type MessageCounts,
  type ShareEntry,
} from '@slotmesh/gossip';
import type { EffectSink, Millis, Random, StateMachine } from '@slotmesh/machine';
import {
  checkInvariants,
  type LinkId,
  NO_NODE,
  type NodeIndex,
  type Topology,
} from '@slotmesh/topology';
import type {
  ClusterEffect,
  ClusterInput,
  ClusterOptions,
  LocalFacts,
  OperatorCommand,
  OperatorOutcome,
  Route,
  RouteRequest,
} from './contract.ts';
import { FailoverSink } from './failover-sink.ts';
import { Health } from './health.ts';
import { Lease } from './lease.ts';
import { Operator } from './operator.ts';
import { recoverySilenceMs, strayKeys } from './own-data.ts';
import { decideRoute } from './route.ts';

/** What the machine is made of. */
export interface ClusterCoreParts {
  /** As it was saved, or with this node alone. Its own row has the ports where the node listens. */
  readonly topology: Topology;
  readonly options: ClusterOptions;
  readonly random: Random;
  readonly facts: LocalFacts;
  readonly nowMs: Millis;
  /** For many machines in one process; see {@link ShareEntry}. */
  readonly shareEntry?: ShareEntry;
}

/** A connection of the bus that leads to, or comes from, a known node. */
export interface BusLink {
  readonly link: LinkId;
  /** `to`: this node opened it. */
  readonly direction: 'to' | 'from';
  readonly node: NodeIndex;
  /** Unix milliseconds. */
  readonly createdMs: Millis;
}

/**
 * A cluster node's rules. A batch is any number of {@link step}s and {@link execute}s, then one
 * {@link settle}; then the effects of all of them are carried out, durable persists first.
 */
export class ClusterCore implements StateMachine<ClusterInput, ClusterEffect> {
  readonly topology: Topology;
  readonly #gossip: Gossip;
  readonly #failover: Failover;
  readonly #failoverSink: FailoverSink;
  readonly #facts: LocalFacts;
  readonly #health: Health;
  readonly #lease: Lease;
  readonly #operator: Operator;
  #options: ClusterOptions;
  #stalledUntilMs: Millis = 0;
  /** The state was 'fail' when last looked at, so time alone may change it. */
  #isTickDue = true;

  constructor(parts: ClusterCoreParts) {
    const { topology, options, random, facts, nowMs } = parts;
    this.topology = topology;
    this.#facts = facts;
    this.#options = options;
    this.#gossip = new Gossip(parts);
    this.#failover = new Failover({ topology, options, random, facts, nowMs });
    this.#failoverSink = new FailoverSink(this.#gossip);
    this.#health = new Health(nowMs);
    this.#lease = new Lease(topology, this.#gossip);
    this.#operator = new Operator({
      topology,
      facts,
      gossip: this.#gossip,
      failover: this.#failover,
      failoverSink: this.#failoverSink,
    });
  }

  get options(): ClusterOptions {
    return this.#options;
  }

  /** Replaces the configuration, as CONFIG SET does. Takes effect at the next step. */
  set options(options: ClusterOptions) {
    this.#options = options;
    this.#gossip.options = options;
    this.#failover.options = options;
    this.#lease.invalidate();
  }

  step(nowMs: Millis, input: ClusterInput, effects: EffectSink<ClusterEffect>): void {
    this.#gossip.step(nowMs, input, effects);
    const sink = this.#failoverSink.at(nowMs, effects);
    for (const news of this.#gossip.takeNews()) {
      this.#failover.step(nowMs, news, sink);
      // Nobody serves what it and its primary had.
      if (news.kind === 'circle')
        this.#adoptSlots(strayKeys(this.topology, this.#facts).unowned, effects);
    }
    if (input.kind !== 'tick') return;
    this.#failover.step(nowMs, input, sink);
    this.#isTickDue = true;
    if (this.#gossip.stalledUntilMs === this.#stalledUntilMs) return;
    this.#stalledUntilMs = this.#gossip.stalledUntilMs;
    this.#lease.invalidate();
  }

  /**
   * Once per batch: elections and roles, the cluster's state, the save that the batch needs, and news for
   * the other nodes.
   */
  settle(nowMs: Millis, effects: EffectSink<ClusterEffect>): void {
    this.#failover.settle(nowMs, this.#failoverSink.at(nowMs, effects));
    this.#gossip.isPaused = this.#failover.isPaused;
    if (this.#failoverSink.takePromotion()) {
      this.#dropKeys(strayKeys(this.topology, this.#facts).foreign, effects);
    }
    const isDirty = this.#gossip.takeStateDirty();
    if (isDirty) this.#lease.invalidate();
    if (isDirty || (this.#isTickDue && this.topology.clusterState === 'fail')) {
      this.#isTickDue = false;
      const mayServe = this.#gossip.mayServe(nowMs);
      if (this.#health.update(nowMs, this.topology, this.#options, mayServe)) {
        const state = this.topology.clusterState;
        effects.push({ kind: 'notice', notice: { kind: 'stateChanged', state } });
      }
    }
    this.#gossip.settle(nowMs, effects);
  }

  /**
   * To be called once, when what this process starts with has been loaded. `isMissing`: there was nothing to load. What
   * it changes is saved with the batch's {@link settle}.
   */
  dataLoaded(nowMs: Millis, isMissing: boolean, effects: EffectSink<ClusterEffect>): void {
    const { topology } = this;
    if (topology.isReplica(topology.self)) return;
    const silenceMs =
      isMissing && this.#options.recoverySilence
        ? recoverySilenceMs(topology, this.#options.nodeTimeoutMs)
        : 0;
    if (silenceMs > 0) {
      this.#gossip.keepSilent(nowMs + silenceMs);
      effects.push({ kind: 'notice', notice: { kind: 'dataMissing', silenceMs } });
    }
    const { foreign, unowned } = strayKeys(topology, this.#facts);
    this.#dropKeys(foreign, effects);
    this.#adoptSlots(unowned, effects);
  }

  /**
   * Whether this node leaves its place to its replicas, as it started without its data. Until that is over PSYNC and SYNC
   * have to be refused (`-NOMASTERLINK`, after which replicas try again): the silence on the bus is for nothing if the
   * replicas throw their data away for what is here.
   */
  isSilent(nowMs: Millis): boolean {
    return this.#gossip.isSilent(nowMs);
  }

  /** A primary takes the slots that are nobody's and have keys here. */
  #adoptSlots(unowned: SlotSet, effects: EffectSink<ClusterEffect>): void {
    const { topology } = this;
    if (unowned.count === 0 || topology.isReplica(topology.self)) return;
    topology.assignSlots(unowned, topology.self);
    this.#gossip.noteOwnChange(true);
    effects.push({ kind: 'notice', notice: { kind: 'slotsAdopted', slots: [...unowned] } });
  }

  /** They are older than what the owners of their slots have. */
  #dropKeys(foreign: SlotSet, effects: EffectSink<ClusterEffect>): void {
    if (foreign.count === 0) return;
    const slots = [...foreign];
    effects.push({ kind: 'notice', notice: { kind: 'keysOfOthers', slots } });
    effects.push({ kind: 'slotsLost', slots, deleteKeys: true });
  }

  /** Carries out a CLUSTER subcommand. What it changes is saved with the batch's {@link settle}. */
  execute(
    nowMs: Millis,
    command: OperatorCommand,
    effects: EffectSink<ClusterEffect>,
  ): OperatorOutcome {
    return this.#operator.execute(nowMs, command, effects);
  }

  /** Where a command is served. Allocates nothing where the answer is "here". */
  route(nowMs: Millis, request: RouteRequest): Route {
    const mayWrite = !request.write || this.mayWrite(nowMs);
    return decideRoute(this.topology, this.#options, request, mayWrite);
  }

  /**
   * The same for most commands, at the cost of a look at the table: whether a command on keys of one slot is served
   * here, whoever sends it. False means only that {@link route} has to be asked.
   */
  serves(nowMs: Millis, slot: number, write: boolean): boolean {
    const { topology } = this;
    return (
      topology.ownerOf(slot) === topology.self &&
      topology.clusterState === 'ok' &&
      topology.migratingSlots.size === 0 &&
      (!write || this.mayWrite(nowMs))
    );
  }

  /** Whether this node's lease allows writes now (always, where the option is off). */
  mayWrite(nowMs: Millis): boolean {
    return !this.#options.lease || this.#lease.isOpen(nowMs);
  }

  /** Messages by type, as CLUSTER INFO prints them. */
  get stats(): MessageCounts {
    return this.#gossip.counts;
  }

  /** How many messages, or parts of them, were not acted on, by reason. */
  get ignored(): ReadonlyMap<IgnoredReason, number> {
    return this.#gossip.ignored;
  }

  /** The connections with known nodes, as CLUSTER LINKS shows them. */
  *links(): Generator<BusLink> {
    const { links } = this.#gossip;
    for (const link of links.ids()) {
      const node = links.nodeOf(link);
      if (node === NO_NODE) continue;
      const direction = isInbound(link) ? 'from' : 'to';
      yield { link, direction, node, createdMs: links.createdMs(link) };
    }
  }

  /** DEBUG CLUSTERLINK KILL. */
  killLinks(
    nowMs: Millis,
    direction: 'to' | 'from' | 'all',
    node: NodeIndex,
    effects: EffectSink<ClusterEffect>,
  ): void {
    this.#gossip.killLinks(nowMs, direction, node, effects);
  }

  /**
   * Stops with an error where the tables contradict each other: a full scan, for tests and the
   * simulator.
   */
  invariants(): void {
    checkInvariants(this.topology);
    this.#gossip.invariants();
  }

  /** One stable line about this node's view. */
  describe(): string {
    return this.#gossip.describe();
  }
}
