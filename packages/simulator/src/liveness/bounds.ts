// How long a cluster may take: the bounds of the safety rules, with what the simulated network and
// clocks add to them. In virtual ms.

import type { SimulationOptions } from '../options.ts';

/** L1: from the last fault's end until all tables agree. */
export function convergenceBoundMs(options: SimulationOptions): number {
  const { nodeTimeoutMs } = options.cluster;
  // Waits that rules impose: the clamp after a rejoin, the delay after a start, a handshake.
  const waitsMs = 5000 + 2000 + Math.max(nodeTimeoutMs, 1000);
  return slowest(options, 2.5 * nodeTimeoutMs + waitsMs);
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
