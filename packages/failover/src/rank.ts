// Which of several replicas asks for votes first, and when: the one with the most data of its primary. How
// long each waits is a strategy, Redis's or that of Valkey 9.

import type { Random } from '@slotmesh/machine';
import { NO_NODE, type NodeIndex, StatusBit, type Topology } from '@slotmesh/topology';
import type { FailoverOptions } from './contract.ts';
import { ELECTION_DELAY_MS, ELECTION_JITTER_MS, RANK_DELAY_MS } from './limits.ts';

/** A replica's place in the queue. */
export interface Rank {
  /** Replicas of the same primary that stand before this one. */
  readonly own: number;
  /** Failed primaries whose replicas go first (Valkey 9); 0 with Redis's strategy. */
  readonly shard: number;
}

/** The replicas of this replica's primary that may be elected, without this one. */
function siblings(topology: Topology): NodeIndex[] {
  const { self } = topology;
  return topology
    .replicasOf(topology.primaryOf(self))
    .filter((node) => node !== self && !topology.hasStatus(node, StatusBit.noFailover));
}

/** This replica's place, with `offset` as its own replication offset. */
export function rankOf(
  topology: Topology,
  options: FailoverOptions,
  offset: number,
  nowMs: number,
): Rank {
  const isValkey = options.electionStrategy === 'valkey9';
  const ownId = topology.idOf(topology.self);
  const own = siblings(topology).filter((node) => {
    const other = topology.offsetOf(node);
    // Redis lets equal ones draw; in Valkey the smaller id goes first.
    return other > offset || (isValkey && other === offset && topology.idOf(node) < ownId);
  }).length;
  return { own, shard: isValkey ? failedPrimariesBefore(topology, options, nowMs) : 0 };
}

/** Where several primaries fail at once, their shards take turns, by shard id. */
function failedPrimariesBefore(
  topology: Topology,
  options: FailoverOptions,
  nowMs: number,
): number {
  const ownPrimary = topology.primaryOf(topology.self);
  const ownShard = topology.shardIdOf(ownPrimary);
  // With a factor of 0 data are never too old, and so nobody is out of the queue. (In Valkey everybody is.)
  const validityMs = options.nodeTimeoutMs * options.replicaValidityFactor;
  const oldestMs = nowMs - (validityMs === 0 ? Number.POSITIVE_INFINITY : validityMs);
  let before = 0;
  for (const node of topology.nodes()) {
    if (node === ownPrimary || !topology.isVoter(node) || !topology.isFail(node)) continue;
    if (topology.failTimeMs(node) < oldestMs || topology.shardIdOf(node) >= ownShard) continue;
    if (hasReplica(topology, node)) before++;
  }
  return before;
}

function hasReplica(topology: Topology, primary: NodeIndex): boolean {
  for (const node of topology.nodes()) if (topology.primaryOf(node) === primary) return true;
  return false;
}

/** How long a replica of that rank waits, drawn anew with each call. */
export function electionDelayMs(
  topology: Topology,
  options: FailoverOptions,
  offset: number,
  rank: Rank,
  random: Random,
): number {
  if (options.electionStrategy === 'redis') {
    return ELECTION_DELAY_MS + random.below(ELECTION_JITTER_MS) + rank.own * RANK_DELAY_MS;
  }
  if (offset !== 0 && rank.own === 0 && rank.shard === 0 && siblingsKnow(topology)) return 0;
  const unitMs = valkeyUnitMs(options);
  // Somebody who has none of the data should be the last to win.
  const emptyMs = offset === 0 ? ELECTION_DELAY_MS : 0;
  return unitMs + random.below(Math.max(unitMs, 1)) + rankDelayMs(options, rank) + emptyMs;
}

/** The part of the delay that goes with the rank. */
export function rankDelayMs(options: FailoverOptions, rank: Rank): number {
  if (options.electionStrategy === 'redis') return rank.own * RANK_DELAY_MS;
  return valkeyUnitMs(options) * (2 * rank.own + rank.shard);
}

function valkeyUnitMs({ nodeTimeoutMs }: FailoverOptions): number {
  return Math.floor(Math.min(nodeTimeoutMs / 30, 500));
}

/** All siblings see that the primary failed, so their offsets are their last ones, and known here. */
function siblingsKnow(topology: Topology): boolean {
  if (topology.primaryOf(topology.self) === NO_NODE) return false;
  return siblings(topology).every((node) => topology.hasStatus(node, StatusBit.myPrimaryFail));
}
