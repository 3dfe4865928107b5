// Replicas that follow each other. A node that comes back with an older file may follow one that follows it by
// now, directly or by others: each waits for a primary, and none of them is one. In Redis and Valkey they wait
// until an operator resets one. Here the one with the smallest id becomes a primary again. A handover may look
// like a circle for a moment, as what a node says comes on two links: so it must have stood for a node timeout.

import { NO_NODE, type NodeIndex } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';

/** This replica's primary says that it follows `above`, who follows this node. */
export function watchCircle(context: GossipContext, primary: NodeIndex, above: NodeIndex): void {
  const { circle, options, nowMs } = context;
  if (circle.primary !== primary) {
    circle.primary = primary;
    circle.sinceMs = nowMs;
    return;
  }
  if (nowMs - circle.sinceMs <= options.nodeTimeoutMs || !hasSmallestId(context, above)) return;
  circle.primary = NO_NODE;
  context.news.push({ kind: 'circle' });
}

/** Among this node, its primary, and all from `above` on down to this node. */
function hasSmallestId({ topology, circle }: GossipContext, above: NodeIndex): boolean {
  const { self } = topology;
  const own = topology.idOf(self);
  if (topology.idOf(circle.primary) < own) return false;
  for (let node = above; node !== self; node = topology.primaryOf(node)) {
    if (topology.idOf(node) < own) return false;
  }
  return true;
}
