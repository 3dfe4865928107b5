// A8. A circle of replicas has no primary: everything that walks from a replica to its primary would
// walk for ever.

import { NO_NODE, type NodeIndex, type Topology } from '@slotmesh/topology';
import type { Invariant, Verdict } from './invariant.ts';

export const replicationIsATree: Invariant = {
  id: 'A8',
  title: 'Following replicas to their primaries comes to an end, and a primary follows nobody',
  source: 'valkey#754, redis#11263',
  watch: () => ({ tableChanged: ({ topology }) => check(topology) }),
};

function check(topology: Topology): Verdict {
  for (let i = 0; i < topology.indexLimit; i++) {
    const node = i as NodeIndex;
    if (!topology.has(node)) continue;
    const primary = topology.primaryOf(node);
    if (primary === NO_NODE) continue;
    const name = topology.idOf(node);
    if (topology.isPrimary(node)) return `${name} is a primary and follows a node`;
    let steps = 0;
    for (let above = primary; above !== NO_NODE; above = topology.primaryOf(above)) {
      if (!topology.has(above)) return `${name} follows a node that is not in the table`;
      if (above === node || ++steps > topology.size) return `${name} follows a circle of replicas`;
    }
  }
  return null;
}
