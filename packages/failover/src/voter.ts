// A voter's part in an election: answers requests for its vote, at once or, where nothing but time is
// missing, later. A replica that was told nothing asks again only after four node timeouts, and its own
// voters would refuse a request that comes some milliseconds too early: before the news of the failure, or
// before the primary's lease on this voter's answers is over. So such a request is kept, for as long as its
// sender could use the vote. redis-server refuses it: with its strategy a replica waits half a second for the news to
// come round. With that of Valkey 9 the best one asks at once, on links that the FAIL message did not take.

import { type BareMessage, MessageFlag } from '@slotmesh/cluster-bus';
import type { EffectSink, Millis } from '@slotmesh/machine';
import { type NodeIndex, StatusBit, type Topology } from '@slotmesh/topology';
import type { FailoverEffect, FailoverOptions, VoteRefusal } from './contract.ts';
import { electionTimeoutMs } from './limits.ts';
import { decideVote, type VoteRequest } from './vote.ts';

interface PendingRequest {
  readonly request: VoteRequest;
  readonly untilMs: Millis;
}

/** Refusals that may be over before the request is. */
const PASSING: ReadonlySet<VoteRefusal['reason']> = new Set([
  ...(['primaryUp', 'noVoteMemory', 'justStarted', 'leaseOpen'] as const),
]);

export class Voter {
  readonly #topology: Topology;
  readonly #startedMs: Millis;
  /** At most one of each candidate. */
  readonly #pending = new Map<NodeIndex, PendingRequest>();

  constructor(topology: Topology, nowMs: Millis) {
    this.#topology = topology;
    this.#startedMs = nowMs;
  }

  onRequest(
    nowMs: Millis,
    options: FailoverOptions,
    candidate: NodeIndex,
    { header }: BareMessage,
    effects: EffectSink<FailoverEffect>,
  ): void {
    const request: VoteRequest = {
      candidate,
      currentEpoch: header.currentEpoch,
      configEpoch: header.configEpoch,
      slots: header.slots,
      isForced: (header.messageFlags & MessageFlag.forceAck) !== 0,
    };
    this.#pending.delete(candidate);
    const refusal = this.#answer(nowMs, options, request, effects);
    if (refusal === null || refusal.reason === 'notAVoter') return;
    const id = this.#topology.idOf(candidate);
    const keeps = options.lease || options.electionStrategy === 'valkey9';
    const isKept = keeps && PASSING.has(refusal.reason);
    if (isKept) {
      // The candidate's time began before its request came.
      const untilMs = nowMs + electionTimeoutMs(options.nodeTimeoutMs) * 0.9;
      this.#pending.set(candidate, { request, untilMs });
    }
    const kind = isKept ? 'voteDeferred' : 'voteRefused';
    effects.push({ kind: 'notice', notice: { kind, id, ...refusal } });
  }

  /** Looks again at the requests that were kept. */
  review(nowMs: Millis, options: FailoverOptions, effects: EffectSink<FailoverEffect>): void {
    for (const [candidate, { request, untilMs }] of this.#pending) {
      const isOver = nowMs > untilMs || !this.#topology.has(candidate);
      const refusal = isOver ? null : this.#answer(nowMs, options, request, effects);
      if (refusal === null || !PASSING.has(refusal.reason)) this.#pending.delete(candidate);
    }
  }

  /** Gives the vote, saved before it is sent, or says why not. */
  #answer(
    nowMs: Millis,
    options: FailoverOptions,
    request: VoteRequest,
    effects: EffectSink<FailoverEffect>,
  ): VoteRefusal | null {
    const topology = this.#topology;
    const times = { nowMs, startedMs: this.#startedMs };
    const refusal = decideVote(topology, options, request, times);
    if (refusal !== null) return refusal;
    const { candidate } = request;
    const epoch = request.currentEpoch;
    topology.lastVoteEpoch = epoch;
    topology.setVoted(topology.primaryOf(candidate), nowMs, epoch);
    effects.push({ kind: 'persist', durable: true });
    effects.push({ kind: 'tell', to: candidate, message: 'failoverAuthAck', messageFlags: 0 });
    const id = topology.idOf(candidate);
    effects.push({ kind: 'notice', notice: { kind: 'voteGranted', id, epoch } });
    return null;
  }

  /**
   * A node that does not know its former votes takes the greatest epoch that a majority knows of for voted.
   * Where it voted, the majority that made a candidate win knows that epoch, and any other majority without
   * this node has a node of it. True if that is so now.
   */
  regainMemory(effects: EffectSink<FailoverEffect>): boolean {
    const topology = this.#topology;
    if (topology.hasVoteMemory) return true;
    let voters = 0;
    let others = 0;
    let heard = 0;
    for (let i = 0; i < topology.indexLimit; i++) {
      const node = i as NodeIndex;
      if (!topology.has(node) || !topology.isVoter(node)) continue;
      voters++;
      if (node === topology.self || topology.hasStatus(node, StatusBit.handshake)) continue;
      others++;
      if (topology.dataReceivedMs(node) !== 0) heard++;
    }
    if (voters === 0 || heard < Math.min(Math.floor(voters / 2) + 1, others)) return false;
    topology.hasVoteMemory = true;
    topology.lastVoteEpoch = topology.currentEpoch;
    effects.push({ kind: 'persist', durable: true });
    const epoch = topology.lastVoteEpoch;
    effects.push({ kind: 'notice', notice: { kind: 'voteMemoryRegained', epoch } });
    return true;
  }

  /** CLUSTER RESET. */
  reset(): void {
    this.#pending.clear();
  }
}
