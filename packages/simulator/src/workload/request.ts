// Commands as clients send them.

import type { RouteRequest } from '@slotmesh/cluster-core';

/** A command with one key of that slot. */
export function requestFor(
  slot: number,
  { write, ...rest }: Partial<RouteRequest> & Pick<RouteRequest, 'write'>,
): RouteRequest {
  return {
    slot,
    crossSlot: false,
    write,
    shardedPubSub: false,
    isMigrate: false,
    readonlyClient: false,
    asking: false,
    presence: null,
    ...rest,
  };
}
