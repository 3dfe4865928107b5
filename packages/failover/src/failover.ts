// Who replaces a primary: elections and votes, handovers, replicas that change shards, and primaries that
// were replaced. One machine over the shared table; it must agree with redis-server 7.0 and Valkey on the
// same bus. Where it is stricter, the file of that rule says so.

import type { EffectSink, Millis, Random, StateMachine } from '@slotmesh/machine';
import { assert, unreachable } from '@slotmesh/machine';
import { NO_NODE, type NodeAddress, type NodeIndex, type Topology } from '@slotmesh/topology';
import type {
  FailoverEffect,
  FailoverFacts,
  FailoverInput,
  FailoverMode,
  FailoverNotice,
  FailoverOptions,
} from './contract.ts';
import { Election } from './election.ts';
import { ManualFailover } from './manual.ts';
import { ReplicaMigration } from './replica-migration.ts';
import { Voter } from './voter.ts';

/** What the machine is made of. */
export interface FailoverParts {
  /** Shared with the other rules. */
  readonly topology: Topology;
  readonly options: FailoverOptions;
  readonly random: Random;
  readonly facts: FailoverFacts;
  readonly nowMs: Millis;
}

type Reconfiguration = Extract<FailoverNotice, { readonly kind: 'reconfigured' }>['reason'];

/**
 * The machine of failover. {@link step} takes what happened, {@link settle} comes once per batch, before the
 * cluster's state is looked at; time never goes back from one call to the next.
 */
export class Failover implements StateMachine<FailoverInput, FailoverEffect> {
  options: FailoverOptions;
  readonly #topology: Topology;
  readonly #voter: Voter;
  readonly #manual: ManualFailover;
  readonly #election: Election;
  readonly #migration: ReplicaMigration;
  /** The rest of the node takes this one for a replica. */
  #isReplica = false;
  /** ... of that node; null = its address is not known yet. */
  #followed: { readonly id: string; readonly address: NodeAddress } | null = null;

  constructor(parts: FailoverParts) {
    const { topology, options, random, facts, nowMs } = parts;
    this.options = options;
    this.#topology = topology;
    this.#voter = new Voter(topology, nowMs);
    this.#manual = new ManualFailover(topology, facts);
    this.#election = new Election({ topology, facts, random, manual: this.#manual });
    this.#migration = new ReplicaMigration(topology);
  }

  /** Whether this primary's headers have to say that it takes no writes and that its offset is final. */
  get isPaused(): boolean {
    return this.#manual.isPaused;
  }

  step(nowMs: Millis, input: FailoverInput, effects: EffectSink<FailoverEffect>): void {
    switch (input.kind) {
      case 'message':
        this.#onMessage(nowMs, input, effects);
        break;
      case 'primaryPaused':
        this.#manual.onPrimaryPaused(input.offset, effects);
        break;
      case 'replaced':
        this.#onReplaced(input.node, effects);
        break;
      case 'circle':
        this.#leaveCircle(effects);
        break;
      case 'tick':
        this.#tick(nowMs, effects);
        break;
      default:
        unreachable(input);
    }
  }

  #onMessage(
    nowMs: Millis,
    { sender, message }: Extract<FailoverInput, { readonly kind: 'message' }>,
    effects: EffectSink<FailoverEffect>,
  ): void {
    const { options } = this;
    switch (message.kind) {
      case 'failoverAuthRequest':
        this.#voter.regainMemory(effects);
        this.#voter.onRequest(nowMs, options, sender, message, effects);
        break;
      case 'failoverAuthAck':
        this.#election.onVote(sender, message.header.currentEpoch);
        break;
      case 'manualFailoverStart':
        this.#manual.onRequest(nowMs, options, sender, effects);
        break;
      default:
        unreachable(message.kind);
    }
  }

  #onReplaced(node: NodeIndex, effects: EffectSink<FailoverEffect>): void {
    const topology = this.#topology;
    // By the end of the message in which it took the last slot it may be no primary any more.
    if (!topology.has(node) || topology.isReplica(node) || node === topology.self) return;
    if (topology.primaryOf(topology.self) === node) return;
    this.#follow(node, 'slotsTaken', effects);
  }

  #leaveCircle(effects: EffectSink<FailoverEffect>): void {
    const topology = this.#topology;
    const { self } = topology;
    const former = topology.primaryOf(self);
    if (former === NO_NODE || topology.isPrimary(former)) return;
    topology.setPrimary(self);
    this.#election.reset();
    this.#manual.reset(effects);
    effects.push({ kind: 'notice', notice: { kind: 'circleLeft', id: topology.idOf(former) } });
    effects.push({ kind: 'changed', durable: true });
  }

  #tick(nowMs: Millis, effects: EffectSink<FailoverEffect>): void {
    this.#voter.regainMemory(effects);
    this.#manual.tick(nowMs, effects);
    const target = this.#migration.tick(nowMs, this.options);
    if (target !== NO_NODE) this.#follow(target, 'migration', effects);
  }

  /** Once per batch: what the new state of the table calls for. */
  settle(nowMs: Millis, effects: EffectSink<FailoverEffect>): void {
    const topology = this.#topology;
    this.#voter.review(nowMs, this.options, effects);
    if (topology.isReplica(topology.self)) {
      this.#skipReplicas(effects);
      this.#manual.checkOffset(effects);
      const epoch = this.#election.evaluate(nowMs, this.options, effects);
      if (epoch !== null) this.#win(epoch, effects);
    }
    this.#tellRole(effects);
  }

  // ---- roles -------------------------------------------------------------------------------------------

  #win(epoch: number, effects: EffectSink<FailoverEffect>): void {
    const topology = this.#topology;
    if (epoch <= topology.configEpochOf(topology.primaryOf(topology.self))) {
      // The primary is back, with an epoch that those who voted do not know of: it would keep its slots.
      this.#election.reset();
      return;
    }
    effects.push({ kind: 'notice', notice: { kind: 'electionWon' } });
    this.#replacePrimary(epoch, effects);
  }

  /** Takes the place of this replica's primary, with all of its slots and the new config epoch. */
  #replacePrimary(epoch: number, effects: EffectSink<FailoverEffect>): void {
    const topology = this.#topology;
    const { self } = topology;
    const former = topology.primaryOf(self);
    assert(former !== NO_NODE, 'only a replica takes the place of a primary');
    topology.setPrimary(self);
    topology.setConfigEpoch(self, epoch);
    topology.assignSlots(topology.slotsOf(former), self);
    effects.push({ kind: 'notice', notice: { kind: 'configEpochTaken', configEpoch: epoch } });
    this.#election.reset();
    this.#manual.reset(effects);
    effects.push({ kind: 'changed', durable: true });
  }

  /** Makes this node a replica of a primary. Its slots, if it has any left, become nobody's. */
  #follow(
    node: NodeIndex,
    reason: Reconfiguration | null,
    effects: EffectSink<FailoverEffect>,
  ): void {
    const topology = this.#topology;
    const { self } = topology;
    for (const slot of [...topology.migratingSlots.keys()]) topology.closeSlot(slot);
    for (const slot of [...topology.importingSlots.keys()]) topology.closeSlot(slot);
    topology.setReplicaOf(self, node);
    const shardId = topology.shardIdOf(node);
    if (shardId !== '') topology.setShardId(self, shardId);
    this.#election.reset();
    this.#manual.reset(effects);
    if (reason !== null) {
      const notice = { kind: 'reconfigured', id: topology.idOf(node), reason } as const;
      effects.push({ kind: 'notice', notice });
    }
    effects.push({ kind: 'changed', durable: true });
  }

  /** The primary of this replica follows another one: so does this replica. */
  #skipReplicas(effects: EffectSink<FailoverEffect>): void {
    const topology = this.#topology;
    const primary = topology.primaryOf(topology.self);
    if (primary === NO_NODE || topology.isPrimary(primary)) return;
    let head = primary;
    // A table refuses circles. Were there one all the same, nobody must look for its end for ever.
    for (let left = topology.size; left > 0 && topology.isReplica(head); left--) {
      head = topology.primaryOf(head);
      if (head === NO_NODE) return;
    }
    if (topology.isPrimary(head)) this.#follow(head, 'subReplica', effects);
  }

  /** Tells the rest of the node what became of this one, if it does not know yet. */
  #tellRole(effects: EffectSink<FailoverEffect>): void {
    const topology = this.#topology;
    const { self } = topology;
    if (topology.isPrimary(self)) {
      if (this.#isReplica) effects.push({ kind: 'promote' });
      this.#isReplica = false;
      this.#followed = null;
      return;
    }
    this.#isReplica = true;
    const node = topology.primaryOf(self);
    if (node === NO_NODE) return;
    const id = topology.idOf(node);
    const address = topology.addressOf(node);
    const followed = this.#followed;
    if (address.host === '') return;
    if (followed?.id === id && samePlace(followed.address, address)) return;
    this.#followed = { id, address };
    effects.push({ kind: 'follow', node, id, address });
  }

  // ---- orders of an operator ---------------------------------------------------------------------------

  /** CLUSTER REPLICATE, after its checks. */
  replicate(node: NodeIndex, effects: EffectSink<FailoverEffect>): void {
    this.#follow(node, null, effects);
  }

  /** CLUSTER FAILOVER, after its checks. */
  failover(nowMs: Millis, mode: FailoverMode, effects: EffectSink<FailoverEffect>): void {
    effects.push({ kind: 'notice', notice: { kind: 'manualFailoverAccepted', mode } });
    if (mode !== 'takeover') {
      this.#manual.begin(nowMs, this.options, mode === 'force', effects);
      return;
    }
    const topology = this.#topology;
    this.#replacePrimary(topology.currentEpoch + 1 + this.#sharers(), effects);
  }

  /**
   * Primaries that have the config epoch of this replica's primary will move on, one by one, and the primary
   * with them: what this node takes has to be greater than all of that.
   */
  #sharers(): number {
    const topology = this.#topology;
    const primary = topology.primaryOf(topology.self);
    const epoch = topology.configEpochOf(primary);
    let count = 0;
    for (const node of topology.nodes()) {
      if (node === primary || !topology.isPrimary(node)) continue;
      if (topology.configEpochOf(node) === epoch) count++;
    }
    return count;
  }

  /** CLUSTER RESET has made this node a primary again: of nothing, so the keys of a replica go. */
  reset(effects: EffectSink<FailoverEffect>): void {
    this.#election.reset();
    this.#manual.reset(effects);
    this.#voter.reset();
    if (!this.#isReplica) return;
    this.#tellRole(effects);
    effects.push({ kind: 'emptyData' });
  }
}

function samePlace(a: NodeAddress, b: NodeAddress): boolean {
  return a === b || (a.host === b.host && a.port === b.port && a.altPort === b.altPort);
}
