// In which epochs voters may have voted against this node, so that their votes may still be used. A vote is
// always given in a new epoch, and of voters that do not mark their answers (redis-server, Valkey) that is all
// there is to know.

import { NO_NODE, type Topology } from '@slotmesh/topology';

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

  /** The current epoch, which may be a new one. */
  note(epoch: number, nowMs: number): void {
    if (epoch <= this.#seenEpoch) return;
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
