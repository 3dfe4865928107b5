// Spare replicas move to where there is none (the specification's "Replica migration algorithm"). All
// replicas see the same table, more or less, and without a word all of them pick the same mover: of the
// replicas of the primaries that have most, the one with the smallest id. Two that move at once do no harm.

import type { Millis } from '@slotmesh/machine';
import { NO_NODE, type NodeIndex, StatusBit, type Topology } from '@slotmesh/topology';
import type { FailoverOptions } from './contract.ts';
import { MIGRATION_DELAY_MS } from './limits.ts';

export class ReplicaMigration {
  readonly #topology: Topology;
  /** Since when each primary has had no replica, by its id. */
  #orphanedMs = new Map<string, Millis>();

  constructor(topology: Topology) {
    this.#topology = topology;
  }

  /** The primary that this replica should follow from now on, or {@link NO_NODE}. */
  tick(nowMs: Millis, options: FailoverOptions): NodeIndex {
    const topology = this.#topology;
    const own = topology.primaryOf(topology.self);
    if (own === NO_NODE || !options.allowReplicaMigration) {
      this.#orphanedMs.clear();
      return NO_NODE;
    }
    const goodReplicas = countGoodReplicas(topology);
    const target = this.#longestOrphan(nowMs, goodReplicas);
    if (target === NO_NODE || topology.clusterState !== 'ok') return NO_NODE;
    const ownCount = goodReplicas[own];
    if (ownCount < 2 || ownCount <= options.migrationBarrier) return NO_NODE;
    const most = largestGroup(topology, goodReplicas);
    if (ownCount !== most || !isSmallestReplica(topology, goodReplicas, most)) return NO_NODE;
    return target;
  }

  /** The first primary that has been without a replica for long enough. */
  #longestOrphan(nowMs: Millis, goodReplicas: Uint16Array): NodeIndex {
    const topology = this.#topology;
    const since = new Map<string, Millis>();
    let target: NodeIndex = NO_NODE;
    for (const node of topology.nodes()) {
      if (!topology.isVoter(node) || topology.isFail(node) || goodReplicas[node] > 0) continue;
      if (!topology.hasStatus(node, StatusBit.migrateTo)) continue;
      const id = topology.idOf(node);
      const orphanedMs = this.#orphanedMs.get(id) ?? nowMs;
      since.set(id, orphanedMs);
      if (target === NO_NODE && nowMs - orphanedMs > MIGRATION_DELAY_MS) target = node;
    }
    this.#orphanedMs = since;
    return target;
  }
}

/** By primary: its replicas that have not failed. */
function countGoodReplicas(topology: Topology): Uint16Array {
  const counts = new Uint16Array(topology.indexLimit);
  for (const node of topology.nodes()) {
    const primary = topology.primaryOf(node);
    if (primary !== NO_NODE && !topology.isFail(node)) counts[primary]++;
  }
  return counts;
}

function largestGroup(topology: Topology, goodReplicas: Uint16Array): number {
  let most = 0;
  for (const node of topology.nodes()) {
    if (topology.isPrimary(node) && !topology.isFail(node))
      most = Math.max(most, goodReplicas[node]);
  }
  return most;
}

/** Of all good replicas of primaries with `most` of them, this one has the smallest id. */
function isSmallestReplica(topology: Topology, goodReplicas: Uint16Array, most: number): boolean {
  const ownId = topology.idOf(topology.self);
  for (const node of topology.nodes()) {
    const primary = topology.primaryOf(node);
    if (primary === NO_NODE || goodReplicas[primary] !== most || topology.isFail(node)) continue;
    if (topology.isFail(primary) || topology.isReplica(primary)) continue;
    if (topology.idOf(node) < ownId) return false;
  }
  return true;
}
