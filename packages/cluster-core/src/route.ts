// Hot path: per command. Where a command with keys is served: the redirection table of Redis
// Cluster (7.0, whose order of checks it keeps) as one pure function over the shared table.

import { NO_NODE, type NodeIndex, type Topology } from '@slotmesh/topology';
import type { ClusterOptions, Route, RouteRequest } from './contract.ts';

/**
 * The one object that stands for "serve it here", so that a command that is served allocates
 * nothing.
 */
const SERVE: Route = Object.freeze({ kind: 'serve' });
const TRY_AGAIN: Route = Object.freeze({ kind: 'tryAgain' });
const CROSS_SLOT: Route = Object.freeze({ kind: 'crossSlot' });
const SLOT_NOT_SERVED: Route = Object.freeze({ kind: 'clusterDown', reason: 'slotNotServed' });
const DOWN: Route = Object.freeze({ kind: 'clusterDown', reason: 'down' });
const READ_ONLY: Route = Object.freeze({ kind: 'clusterDown', reason: 'readOnly' });

/**
 * Decides where a command is served. `mayWrite`: whether this node may take writes now (its lease
 * is open); a write that would be served here is refused without it.
 */
export function decideRoute(
  topology: Topology,
  options: ClusterOptions,
  request: RouteRequest,
  mayWrite: boolean,
): Route {
  const route = redirect(topology, options, request);
  return route === SERVE && request.write && request.slot >= 0 && !mayWrite ? DOWN : route;
}

function redirect(topology: Topology, options: ClusterOptions, request: RouteRequest): Route {
  const { slot } = request;
  if (slot < 0) return SERVE;
  const owner = topology.ownerOf(slot);
  // Redis looks at the first key before it sees that another one differs.
  if (owner === NO_NODE) return SLOT_NOT_SERVED;
  if (request.crossSlot) return CROSS_SLOT;
  if (topology.clusterState === 'fail') {
    const refusal = refuseWhileDown(options, request);
    if (refusal !== null) return refusal;
  }
  const isOwn = owner === topology.self;
  const { migratingSlots, importingSlots } = topology;
  const target = isOwn && migratingSlots.size > 0 ? migratingSlots.get(slot) : undefined;
  const isImporting = target === undefined && importingSlots.size > 0 && importingSlots.has(slot);
  if (target !== undefined || isImporting) {
    const open = routeOpenSlot(request, target);
    if (open !== null) return open;
  }
  if (isOwn || mayReadFromReplica(topology, owner, request)) return SERVE;
  return { kind: 'moved', slot, node: owner };
}

function refuseWhileDown(options: ClusterOptions, request: RouteRequest): Route | null {
  if (request.shardedPubSub) return options.allowPubsubShardWhenDown ? null : DOWN;
  if (!options.allowReadsWhenDown) return DOWN;
  return request.write ? READ_ONLY : null;
}

/**
 * A slot on its way from here to `target`, or, where that is undefined, on its way here. null: the
 * slot being open makes no difference.
 */
function routeOpenSlot(request: RouteRequest, target: NodeIndex | undefined): Route | null {
  if (request.isMigrate) return SERVE;
  const missing = missingCount(request);
  if (target !== undefined) {
    if (missing === 0) return null;
    const { keyCount } = request.presence as { keyCount: number };
    return missing < keyCount ? TRY_AGAIN : { kind: 'ask', slot: request.slot, node: target };
  }
  if (!request.asking) return null;
  const isMultiKey = request.presence !== null && request.presence.keyCount > 1;
  return isMultiKey && missing > 0 ? TRY_AGAIN : SERVE;
}

/**
 * Channels are neither here nor there, and commands queued in MULTI are looked at again at EXEC.
 */
function missingCount(request: RouteRequest): number {
  if (request.shardedPubSub || request.presence === null) return 0;
  return request.presence.missingCount();
}

/**
 * A replica serves reads of its primary's slots to clients that said they can live with that, and
 * shard channels.
 */
function mayReadFromReplica(topology: Topology, owner: NodeIndex, request: RouteRequest): boolean {
  return (
    !request.write &&
    (request.readonlyClient || request.shardedPubSub) &&
    topology.primaryOf(topology.self) === owner
  );
}
