// L2, L3 and L4: in a cluster at rest some voters that have replicas are killed together, fewer than a majority would miss.
// Their slots must be served again within the bound, and not by a row of elections without end.

import type { Verdict } from '../invariants/invariant.ts';
import type { SimulationOptions } from '../options.ts';
import type { Dice } from '../random.ts';
import { requestFor } from '../workload/request.ts';
import type { SimNode, World } from '../world/contract.ts';
import { slowest } from './bounds.ts';

/** L4: elections for one failed primary, in a network in which nothing is lost. */
const ELECTIONS_MAX = 5;

/**
 * L4: by how many replicas each of the killed ones has. Replicas that have the same data have the same rank, and draw when
 * they stand (valkey#762): where two draw nearly the same, the others each ask once for votes that are spent. That is one lost
 * round, and no livelock, so each further replica may stand once more.
 */
export function electionsMax(replicas: readonly number[]): number {
  return replicas.reduce((sum, count) => sum + ELECTIONS_MAX + Math.max(count - 1, 0), 0);
}

/**
 * Whom to kill; empty: nobody can be spared. Who loses an election stands again after four node timeouts, and with
 * cluster-replica-validity-factor 1 its data are too old by then: so nobody may get into its way there.
 */
export function victims(
  { nodes, options }: Pick<World, 'nodes' | 'options'>,
  dice: Dice,
): SimNode[] {
  const standsOnce = options.cluster.replicaValidityFactor === 1;
  const voters = nodes.filter(({ topology }) => topology.isVoter(topology.self));
  const replaceable = voters.filter(({ topology }) => {
    const { length } = topology.replicasOf(topology.self);
    return length > 0 && (length === 1 || !standsOnce);
  });
  const spared = voters.length - (Math.floor(voters.length / 2) + 1);
  const most = Math.min(spared, replaceable.length, standsOnce ? 1 : Number.POSITIVE_INFINITY);
  if (most < 1) return [];
  return dice.sample(replaceable, dice.chance(0.5) ? 1 : dice.between(1, most));
}

/** L2, and L3 where several are gone: from their end until all slots are served again, virtual ms. */
export function replacementBoundMs(
  options: SimulationOptions,
  killed: number,
  replicas: number,
): number {
  const { nodeTimeoutMs } = options.cluster;
  // To suspect it, to agree on that, the delay before an election, ten ticks, and a second for each rank.
  const oneMs = 1.5 * nodeTimeoutMs + nodeTimeoutMs + 1000 + 1000 + 1000 * replicas;
  // Shards get into each other's way, and so do replicas of one that have the same data (valkey#762).
  const collisions = Math.ceil(Math.log2(Math.max(killed, 1))) + (replicas > 1 ? 2 : 0);
  return slowest(options, oneMs + 4 * Math.max(nodeTimeoutMs, 1000) * collisions);
}

/** Null: what the killed ones owned is served by others, writes included. */
export function unserved(
  { nodes, nowMs }: Pick<World, 'nodes' | 'nowMs'>,
  slots: readonly number[],
): Verdict {
  for (const slot of slots) {
    const owner = nodes.find(
      ({ isUp, topology }) => isUp && topology.ownerOf(slot) === topology.self,
    );
    if (owner === undefined) return `nobody has taken over slot ${slot}`;
    const route = owner.core.route(owner.clock.read(nowMs), requestFor(slot, { write: true }));
    if (route.kind !== 'serve')
      return `node ${owner.index} does not serve slot ${slot}: ${route.kind}`;
  }
  return null;
}
