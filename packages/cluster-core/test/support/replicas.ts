// Clusters with replicas.

import { converge, settledCluster } from './convergence.ts';
import { SimCluster, type SimOptions } from './sim-cluster.ts';
import type { SimNode } from './sim-node.ts';

export interface Shards {
  readonly sim: SimCluster;
  readonly primaries: readonly SimNode[];
  /** By primary: its replicas. */
  readonly replicas: readonly (readonly SimNode[])[];
}

/** A settled cluster: `counts[i]` replicas for primary i. */
export function settledShards(counts: readonly number[], options: SimOptions = {}): Shards {
  const total = counts.length + counts.reduce((sum, count) => sum + count, 0);
  const sim = new SimCluster(total, options);
  const primaries = sim.nodes.slice(0, counts.length);
  settledCluster(sim, primaries);
  const spare = sim.nodes.slice(counts.length);
  const replicas = counts.map((count) => spare.splice(0, count));
  replicas.forEach((group, i) => {
    for (const node of group) node.order({ kind: 'replicate', id: primaries[i].id });
  });
  converge(sim);
  // Voters that have just been started wait before they vote.
  sim.run(2 * sim.nodes[0].options.nodeTimeoutMs);
  return { sim, primaries, replicas };
}

/** Runs until one of these nodes is a primary with slots. */
export function untilPromoted(
  sim: SimCluster,
  nodes: readonly SimNode[],
  limitMs?: number,
): SimNode {
  const find = (): SimNode | undefined =>
    nodes.find((node) => node.isUp && node.isPrimary && slotCount(node) > 0);
  sim.runUntil('a promotion', () => find() !== undefined, limitMs);
  return find() as SimNode;
}

export function slotCount(node: SimNode): number {
  return node.topology.slotsOf(node.topology.self).count;
}
