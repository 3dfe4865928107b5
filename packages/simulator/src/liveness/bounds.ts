// How long a cluster may take: the bounds of the safety rules, with what the simulated network and
// clocks add to them. In virtual ms.

import { NO_NODE } from '@slotmesh/topology';
import type { SimulationOptions } from '../options.ts';
import type { World } from '../world/contract.ts';

/** L1: from the last fault's end until all tables agree. */
export function convergenceBoundMs(options: SimulationOptions): number {
  const { nodeTimeoutMs } = options.cluster;
  // Waits that rules impose: the clamp after a rejoin, the delay after a start, a handshake.
  const waitsMs = 5000 + 2000 + Math.max(nodeTimeoutMs, 1000);
  return slowest(options, 2.5 * nodeTimeoutMs + waitsMs);
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

/** How long the tables must stay as they are once they agree. */
export function restMs(options: SimulationOptions): number {
  return slowest(options, 2 * options.cluster.nodeTimeoutMs);
}

/** A slow clock, messages and saves on their way make it longer. */
function slowest({ clockRate, delay, disk }: SimulationOptions, forMs: number): number {
  const roundTripMs = 2 * (delay.minMs + 6 * delay.meanMs);
  const saveMs = disk.minMs + 6 * disk.meanMs;
  return Math.ceil(forMs / clockRate.min + 4 * (roundTripMs + saveMs));
}
