// What must hold of a cluster that was left alone for long enough: all tables say the same.

import { NO_NODE, StatusBit } from '@slotmesh/topology';
import type { SimCluster } from './sim-cluster.ts';
import type { SimNode } from './sim-node.ts';

/**
 * Why these nodes do not agree with each other, or null where they do (Q1 to Q4 of the safety
 * rules).
 */
export function disagreement(nodes: readonly SimNode[]): string | null {
  const first = nodes[0];
  const expected = sharedView(first);
  const epochs = new Set<number>();
  for (const node of nodes) {
    const fault = privateFault(node, nodes);
    if (fault !== null) return `${node.index}: ${fault}`;
    const view = sharedView(node);
    if (view !== expected) return `${first.index} and ${node.index} differ:\n${expected}\n${view}`;
    if (node.topology.isPrimary(node.topology.self)) {
      const epoch = node.topology.configEpochOf(node.topology.self);
      if (epochs.has(epoch)) return `two primaries with config epoch ${epoch}`;
      epochs.add(epoch);
    }
  }
  return null;
}

/**
 * Whether all nodes say the same of members, roles, slots and epochs; links and suspicions aside.
 */
export function tablesAgree(nodes: readonly SimNode[]): boolean {
  const expected = sharedView(nodes[0]);
  return nodes.every((node) => sharedView(node) === expected);
}

/**
 * What all nodes have to agree on, as text: members, roles, slots, config epochs, the current
 * epoch.
 */
function sharedView(node: SimNode): string {
  const { topology } = node;
  const lines = [...topology.nodes()].map((index) => {
    const primary = topology.primaryOf(index);
    return [
      topology.idOf(index).slice(0, 6),
      topology.isReplica(index) ? 'replica' : 'primary',
      primary === NO_NODE ? '-' : topology.idOf(primary).slice(0, 6),
      // A replica's is that of its primary, as it last said it.
      topology.isReplica(index) ? '-' : topology.configEpochOf(index),
      topology.slotsOf(index).toString(),
    ].join(' ');
  });
  return `${topology.currentEpoch}\n${lines.sort().join('\n')}`;
}

function privateFault(node: SimNode, nodes: readonly SimNode[]): string | null {
  const { topology } = node;
  if (topology.size !== nodes.length) return `${topology.size} nodes known`;
  for (const index of topology.nodes()) {
    const id = topology.idOf(index).slice(0, 6);
    if (topology.isPfail(index) || topology.isFail(index)) return `${id} looks like failing`;
    if (topology.hasStatus(index, StatusBit.handshake)) return `${id} is in handshake`;
    if (topology.hasStatus(index, StatusBit.noAddress)) return `${id} has no address`;
  }
  for (const other of nodes) {
    const index = node.view(other);
    if (index === NO_NODE) return `${other.index} is not known`;
    if (other === node) continue;
    if (topology.outboundLink(index) === -1) return `no link to ${other.index}`;
    if (topology.inboundLink(index) === -1) return `no link from ${other.index}`;
    if (!other.isAt(topology.addressOf(index))) return `${other.index} has moved`;
  }
  return null;
}

/** Runs until the nodes agree; gives the milliseconds that took. */
export function converge(
  sim: SimCluster,
  nodes: readonly SimNode[] = sim.upNodes,
  limitMs = 60_000,
): number {
  let why: string | null = '';
  try {
    return sim.runUntil(
      'agreement',
      () => {
        why = disagreement(nodes);
        return why === null;
      },
      limitMs,
    );
  } catch (error) {
    throw new Error(`${why}\n${(error as Error).message}`);
  }
}

/** Divides the slots among nodes, and makes one cluster of them, as redis-cli does. */
export function createCluster(sim: SimCluster, primaries: readonly SimNode[] = sim.nodes): void {
  primaries.forEach((node, i) => {
    const start = Math.floor((i * 16384) / primaries.length);
    const end = Math.floor(((i + 1) * 16384) / primaries.length);
    const slots = Array.from({ length: end - start }, (_, k) => start + k);
    node.order({ kind: 'addSlots', slots });
    node.order({ kind: 'setConfigEpoch', epoch: i + 1 });
  });
  for (const node of sim.nodes) if (node !== sim.nodes[0]) node.meet(sim.nodes[0]);
}

/** A cluster that has come to agree and serves. */
export function settledCluster(sim: SimCluster, primaries?: readonly SimNode[]): SimCluster {
  createCluster(sim, primaries);
  converge(sim);
  sim.runUntil('state ok', () => sim.upNodes.every((node) => node.state === 'ok'));
  return sim;
}
