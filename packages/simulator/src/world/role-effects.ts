// What the rules ask of replication and the data when a node's role changes, as the app carries it out.

import type { RoleEffect } from '@slotmesh/cluster-core';
import type { Replicator } from './replicator.ts';

interface RoleActions {
  pauseWrites(untilMs: number): void;
  resumeWrites(): void;
  /** All data are about to go. */
  deleting(): void;
}

export function carryOutRole(
  effect: RoleEffect,
  replicator: Replicator,
  actions: RoleActions,
): void {
  switch (effect.kind) {
    case 'follow': {
      const { host, port } = effect.address;
      replicator.input({ kind: 'follow', address: { host, port } });
      break;
    }
    case 'promote':
      replicator.input({ kind: 'followNobody' });
      break;
    case 'pauseWrites':
      actions.pauseWrites(effect.untilMs);
      replicator.input({ kind: 'pause', isPaused: true });
      break;
    case 'resumeWrites':
      actions.resumeWrites();
      break;
    default:
      actions.deleting();
      replicator.perform([{ kind: 'flush' }]);
  }
}
