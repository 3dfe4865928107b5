// D7: a primary that has lost its data leaves its place to its replicas, which have them. Whoever comes back within the
// node timeout is not missed by anybody, and would have its replicas throw their data away for its empty ones
// (kubeblocks#10753). So a process that finds slots and replicas of its own in nodes.conf, and no data, stays silent
// until an election must be over; where nobody has won by then, nobody could.

import type { Topology } from '@slotmesh/topology';

/** How long a process that starts with this table, and without data, keeps silent; 0 = not at all. */
export function recoveryMs(topology: Topology, nodeTimeoutMs: number): number {
  const { self } = topology;
  if (!topology.isVoter(self) || topology.replicasOf(self).length === 0) return 0;
  return recoveryLimitMs(nodeTimeoutMs);
}

/** The longest such silence: to be failed takes two and a half node timeouts, an election two, and some seconds. */
export function recoveryLimitMs(nodeTimeoutMs: number): number {
  return 4.5 * nodeTimeoutMs + 3000;
}
