// How long a cluster may take: the bounds of the safety rules, with what the simulated network and
// clocks add to them. In virtual ms.

import { recoverySilenceMsMax } from '@slotmesh/cluster-core';
import { NO_NODE } from '@slotmesh/topology';
import type { SimulationOptions } from '../options.ts';
import type { World } from '../world/contract.ts';

/** L1: from the last fault's end until all tables agree. */
export function convergenceBoundMs(options: SimulationOptions): number {
  const { nodeTimeoutMs } = options.cluster;
  // Waits that rules impose: the clamp after a rejoin, the delay after a start, a handshake.
  const waitsMs = 5000 + 2000 + Math.max(nodeTimeoutMs, 1000);
  return slowest(options, 2.5 * nodeTimeoutMs + waitsMs + failoverMs(options));
}

/** What replicas cost on top: a node that lost its data keeps silent, and elections go on. */
function failoverMs({ cluster: { nodeTimeoutMs } }: SimulationOptions): number {
  return recoverySilenceMsMax(nodeTimeoutMs) + 4 * Math.max(nodeTimeoutMs, 1000);
}

/**
 * L1, where nodes do not know each other's addresses: they must look like failing first, as gossip
 * is believed about the address of such a node alone; and by then they may be declared failed, which
 * takes the undo time of a primary to pass.
 */
export function rediscoveryMs({ nodes, options }: World): number {
  const isAnyLost = nodes.some(({ topology }) =>
    nodes.some(({ id, place }) => {
      const row = topology.find(id);
      if (row === NO_NODE || row === topology.self) return false;
      const { host, port } = topology.addressOf(row);
      return host !== place.host || port !== place.port;
    }),
  );
  return isAnyLost ? slowest(options, 3 * options.cluster.nodeTimeoutMs) : 0;
}

/** L6: from the first MEET until all know each other. */
export function formationBoundMs(options: SimulationOptions): number {
  const { nodeTimeoutMs } = options.cluster;
  return slowest(options, 2 * nodeTimeoutMs + 7000 + options.nodes * 100);
}

/** From when roles are clear until every replica has its primary's data. */
export function replicationBoundMs(options: SimulationOptions): number {
  const { machine } = options.replication;
  const { timeoutMs = 60_000, disklessSyncDelayMs = 5000 } = machine;
  // A link that is dead on one side, a refusal and another try, two snapshots after each other, and their loads.
  return slowest(options, 2 * timeoutMs + 2 * disklessSyncDelayMs + 20_000);
}

/** Q6: from agreement until primaries without replicas have some again; one after the other may move. */
export function migrationBoundMs({ nodes, options }: World): number {
  return slowest(options, nodes.length * 7000 + 2 * options.cluster.nodeTimeoutMs);
}

/** How long the tables must stay as they are once they agree. */
export function restMs(options: SimulationOptions): number {
  return slowest(options, 2 * options.cluster.nodeTimeoutMs);
}

/** A slow clock, messages and saves on their way make it longer. */
export function slowest({ clockRate, delay, disk }: SimulationOptions, forMs: number): number {
  const roundTripMs = 2 * (delay.minMs + 6 * delay.meanMs);
  const saveMs = disk.minMs + 6 * disk.meanMs;
  return Math.ceil(forMs / clockRate.min + 4 * (roundTripMs + saveMs));
}
