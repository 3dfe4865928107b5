// What the cluster's rules ask of replication and the keyspace when this node's role changes.

import type { RoleEffect } from '@slotmesh/cluster-core';
import type { CommandProcessor } from '@slotmesh/commands';
import type { ClusterClock } from '@slotmesh/io';
import { unreachable } from '@slotmesh/machine';
import type { NodeReplication } from './node-replication.ts';

export interface RoleParts {
  readonly replication: NodeReplication;
  readonly processor: CommandProcessor;
  readonly clock: ClusterClock;
}

export function carryOutRole(effect: RoleEffect, parts: RoleParts): void {
  const { replication, processor, clock } = parts;
  switch (effect.kind) {
    case 'follow':
      replication.follow(effect.address.host, effect.address.port);
      break;
    case 'promote':
      replication.followNobody();
      break;
    case 'pauseWrites':
      // The rules count by the cluster's clock, commands by the wall clock.
      processor.pauseWrites(Date.now() + effect.untilMs - clock.now());
      replication.pause(true);
      break;
    case 'resumeWrites':
      replication.pause(false);
      processor.resumeWrites();
      break;
    case 'emptyData':
      processor.emptyData();
      break;
    default:
      unreachable(effect);
  }
}
