// C4. What WAIT tells a client is true: so many other nodes have had everything up to there. If one of them is elected,
// and was not restarted, the write is there (C3 asks that).

import type { Change } from '../data/data-set.ts';
import type { Histories } from '../ghost/histories.ts';
import type { SimNode } from '../world/contract.ts';
import type { Invariant } from './invariant.ts';

export const waitCounts: Invariant = {
  id: 'C4',
  title: 'WAIT counts replicas that have what was written',
  source: 'the WAIT command',
  watch(world) {
    const histories = world.ghost.streams as Histories;
    return {
      waited(node, changes, position, replicas) {
        const those = [...world.nodes, ...world.strangers].filter(
          (one) => one !== node && (histories.hasReached(one, position) || hasAll(one, changes)),
        );
        // What was written before anybody listened has no offset of its own.
        if (those.length >= replicas || position.offset === 0) return null;
        return `says that ${replicas} replicas are at ${position.offset}, and ${those.length} were`;
      },
    };
  },
};

/** By a snapshot of another history, which began when the former one was given up. */
function hasAll({ replicator, isUp }: SimNode, changes: readonly Change[]): boolean {
  return (
    isUp &&
    changes.every(
      (change) =>
        change.kind !== 'flush' &&
        replicator.data.has(change.slot, change.value) === (change.kind === 'add'),
    )
  );
}
