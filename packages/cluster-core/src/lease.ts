// The right to take writes: a primary may, as long as a majority of the voters answered PINGs that
// it sent less than a node timeout ago. Nobody is elected in its place before the voters have
// missed it for longer than that, so two nodes do not take writes for one slot. The send time
// counts and not the answer's, and hearing from a voter proves nothing: in a cut that lets messages
// through one way only it would never end.

import { CLOCK_RATE_SAFETY, type Gossip } from '@slotmesh/gossip';
import type { Millis } from '@slotmesh/machine';
import type { NodeIndex, Topology } from '@slotmesh/topology';

/** Before any time: a clock that nobody has set may stand at, or before, the 0 of Unix time. */
const CLOSED: Millis = Number.NEGATIVE_INFINITY;

export class Lease {
  readonly #topology: Topology;
  readonly #gossip: Gossip;
  #openUntilMs: Millis = CLOSED;
  /**
   * When the end was last worked out; a closed lease is not worked out again within one
   * millisecond.
   */
  #computedMs: Millis = CLOSED;

  constructor(topology: Topology, gossip: Gossip) {
    this.#topology = topology;
    this.#gossip = gossip;
  }

  /** Voters or their number may be others now. */
  invalidate(): void {
    this.#openUntilMs = CLOSED;
    this.#computedMs = CLOSED;
  }

  isOpen(nowMs: Millis): boolean {
    // Where no other voter is needed there is nothing to miss.
    if (this.#openUntilMs === Number.POSITIVE_INFINITY) return true;
    if (nowMs < this.#openUntilMs) return !this.#gossip.isStalled(nowMs);
    if (nowMs === this.#computedMs) return false;
    this.#computedMs = nowMs;
    this.#openUntilMs = this.#computeEnd();
    if (this.#openUntilMs === Number.POSITIVE_INFINITY) return true;
    return nowMs < this.#openUntilMs && !this.#gossip.isStalled(nowMs);
  }

  /** A node timeout after the oldest of the youngest answers that make a majority. */
  #computeEnd(): Millis {
    const topology = this.#topology;
    const answers: number[] = [];
    for (let i = 0; i < topology.indexLimit; i++) {
      const node = i as NodeIndex;
      if (!topology.has(node) || !topology.isVoter(node)) continue;
      if (node !== topology.self) answers.push(answeredMs(topology, node));
    }
    const own = topology.isVoter(topology.self) ? 1 : 0;
    const needed = topology.census.majority - own;
    if (needed <= 0) return Number.POSITIVE_INFINITY;
    if (needed > answers.length) return CLOSED;
    answers.sort((a, b) => b - a);
    const oldest = answers[needed - 1];
    if (oldest < this.#gossip.stalledUntilMs) return CLOSED;
    return oldest + this.#gossip.options.nodeTimeoutMs * CLOCK_RATE_SAFETY;
  }
}

/** The table's 0 means "never", which where the clock was never set would be a moment ago. */
function answeredMs(topology: Topology, node: NodeIndex): number {
  return topology.pingAnsweredMs(node) || CLOSED;
}
