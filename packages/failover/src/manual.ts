// The handover that an operator asked for, on both sides. The replica tells its primary to stop; the primary
// makes its clients wait and says, in the headers of all its messages, that its offset is final; the replica
// asks for votes once it has applied everything up to there. Either side gives up when the time is over.

import type { EffectSink, Millis } from '@slotmesh/machine';
import { NO_NODE, type NodeIndex, type Topology } from '@slotmesh/topology';
import type { FailoverEffect, FailoverFacts, FailoverOptions } from './contract.ts';
import { PAUSE_MULTIPLIER } from './limits.ts';

export class ManualFailover {
  readonly #topology: Topology;
  readonly #facts: FailoverFacts;
  /** When it is given up; 0 = none is under way. */
  endMs: Millis = 0;
  /** As a replica: votes may be asked for. */
  canStart = false;
  /** As a primary: headers say that the offset is final. */
  isPaused = false;
  /** As a replica: the primary's final offset; -1 = not known yet. */
  #primaryOffset = -1;
  /** As a primary: who takes over. */
  #successor: NodeIndex = NO_NODE;

  constructor(topology: Topology, facts: FailoverFacts) {
    this.#topology = topology;
    this.#facts = facts;
  }

  get isUnderWay(): boolean {
    return this.endMs !== 0;
  }

  /** Ends it, however it went; a primary's clients go on. */
  reset(effects: EffectSink<FailoverEffect>): void {
    if (this.#successor !== NO_NODE) effects.push({ kind: 'resumeWrites' });
    this.endMs = 0;
    this.canStart = false;
    this.isPaused = false;
    this.#primaryOffset = -1;
    this.#successor = NO_NODE;
  }

  /** As a replica: CLUSTER FAILOVER, or with FORCE, which asks nothing of the primary. */
  begin(
    nowMs: Millis,
    options: FailoverOptions,
    isForced: boolean,
    effects: EffectSink<FailoverEffect>,
  ): void {
    this.reset(effects);
    this.endMs = nowMs + options.manualFailoverTimeoutMs;
    if (isForced) {
      this.canStart = true;
      return;
    }
    const to = this.#topology.primaryOf(this.#topology.self);
    effects.push({ kind: 'tell', to, message: 'manualFailoverStart', messageFlags: 0 });
  }

  /** As a primary: a replica wants to take over. Of two, the one that asked last. */
  onRequest(
    nowMs: Millis,
    options: FailoverOptions,
    sender: NodeIndex,
    effects: EffectSink<FailoverEffect>,
  ): void {
    const topology = this.#topology;
    if (topology.isReplica(topology.self) || topology.primaryOf(sender) !== topology.self) return;
    this.reset(effects);
    this.endMs = nowMs + options.manualFailoverTimeoutMs;
    this.#successor = sender;
    const untilMs = nowMs + options.manualFailoverTimeoutMs * PAUSE_MULTIPLIER;
    effects.push({ kind: 'pauseWrites', untilMs });
    const id = topology.idOf(sender);
    effects.push({ kind: 'notice', notice: { kind: 'manualFailoverRequested', id } });
  }

  /** As a replica: the primary has stopped. */
  onPrimaryPaused(offset: number, effects: EffectSink<FailoverEffect>): void {
    if (!this.isUnderWay || this.canStart || this.#primaryOffset !== -1) return;
    this.#primaryOffset = offset;
    effects.push({ kind: 'notice', notice: { kind: 'manualFailoverOffsetReceived', offset } });
  }

  /** As a replica: whether everything that the primary has taken is here. */
  checkOffset(effects: EffectSink<FailoverEffect>): void {
    if (!this.isUnderWay || this.canStart || this.#primaryOffset === -1) return;
    if (this.#facts.replicationOffset() !== this.#primaryOffset) return;
    this.canStart = true;
    effects.push({ kind: 'notice', notice: { kind: 'manualFailoverReady' } });
  }

  tick(nowMs: Millis, effects: EffectSink<FailoverEffect>): void {
    if (!this.isUnderWay) return;
    if (nowMs > this.endMs) {
      effects.push({ kind: 'notice', notice: { kind: 'manualFailoverTimedOut' } });
      this.reset(effects);
      return;
    }
    if (this.#successor === NO_NODE) return;
    // One tick after the request: by now no write is under way, and the offset stays what it is. It is said
    // again and again, as each message may be lost.
    this.isPaused = true;
    effects.push({ kind: 'announce' });
  }
}
