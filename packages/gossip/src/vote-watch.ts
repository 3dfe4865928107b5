// Which answers to our PINGs keep our write lease. A voter that has voted for a replica of ours answers
// still, and its vote may be counted after its answer: so an answer does not count while such a vote may be
// in use. A voter that keeps to the rules of leases marks those answers. Of one that does not (redis-server,
// Valkey) only the current epoch is known: a vote is always given in a new one.

import { type BusHeader, MessageFlag } from '@slotmesh/cluster-bus';
import { NO_NODE, type NodeIndex, type Topology } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';

/** Whoever asks for votes must have them within this time. */
export function voteValidityMs(nodeTimeoutMs: number): number {
  return Math.max(2 * nodeTimeoutMs, 2000);
}

/** Up to which epoch no vote against this node can be in use. */
export class VoteWatch {
  #safeEpoch: number;
  #seenEpoch: number;
  #seenMs = 0;
  /** The table as it was when the safe epoch was last worked out. */
  #revision = -1;

  constructor(epoch: number) {
    this.#safeEpoch = epoch;
    this.#seenEpoch = epoch;
  }

  /** A new current epoch was heard of. */
  note(epoch: number, nowMs: number): void {
    this.#seenEpoch = epoch;
    this.#seenMs = nowMs;
  }

  /** The first epoch after `CLUSTER RESET HARD`. */
  restart(epoch: number): void {
    this.#safeEpoch = epoch;
    this.#seenEpoch = epoch;
    this.#revision = -1;
  }

  isSafe(epoch: number, topology: Topology, nowMs: number, nodeTimeoutMs: number): boolean {
    if (epoch <= this.#safeEpoch) return true;
    // The votes of the epochs that were heard of have expired, whoever they were for.
    if (nowMs - this.#seenMs > voteValidityMs(nodeTimeoutMs)) this.#safeEpoch = this.#seenEpoch;
    else this.#skipWonEpochs(topology);
    return epoch <= this.#safeEpoch;
  }

  /** An epoch that another primary got as its config epoch gave no majority to a replica of ours. */
  #skipWonEpochs(topology: Topology): void {
    if (this.#revision === topology.revision) return;
    this.#revision = topology.revision;
    const won = new Set<number>();
    for (const node of topology.nodes()) {
      if (topology.primaryOf(node) === NO_NODE) won.add(topology.configEpochOf(node));
    }
    while (won.has(this.#safeEpoch + 1)) this.#safeEpoch++;
  }
}

/** Whether a PONG that came on our own link counts for the lease. */
export function isCounted(context: GossipContext, header: BusHeader): boolean {
  const { topology, options, nowMs, voteWatch } = context;
  if (!options.lease) return true;
  if ((header.messageFlags & MessageFlag.leaseAware) !== 0) {
    return (header.messageFlags & MessageFlag.uncounted) === 0;
  }
  return voteWatch.isSafe(header.currentEpoch, topology, nowMs, options.nodeTimeoutMs);
}

/** Whether an answer to that node must not count: this node voted for a replica of it a while ago. */
export function isVoteInUse({ topology, options, nowMs }: GossipContext, node: NodeIndex): boolean {
  return nowMs - topology.votedMs(node) <= voteValidityMs(options.nodeTimeoutMs);
}
