// A1. The current epoch is the cluster's logical time: a node that forgot it could vote twice in one
// epoch, or take an epoch that another node has.

import type { SimNode } from '../world/contract.ts';
import { PerNode } from '../world/per-node.ts';
import type { Invariant, Verdict } from './invariant.ts';

export const epochNeverDecreases: Invariant = {
  id: 'A1',
  title: 'A node never goes back to an earlier epoch, not even by a restart',
  source: 'cluster specification, "Cluster current epoch"',
  watch() {
    /** By node: its latest epoch in this life. */
    const epochs = new PerNode<number>();
    const settled = (node: SimNode): Verdict => {
      const { currentEpoch, lastVoteEpoch } = node.topology;
      const before = epochs.get(node) ?? 0;
      if (currentEpoch === before) return null;
      if (currentEpoch < before) return `the epoch went from ${before} back to ${currentEpoch}`;
      if (currentEpoch < lastVoteEpoch)
        return `voted in ${lastVoteEpoch}, and is in ${currentEpoch}`;
      epochs.set(node, currentEpoch);
      return null;
    };
    return {
      settled,
      tableChanged(node) {
        const { topology } = node;
        const max = topology.maxEpoch();
        return max > topology.currentEpoch
          ? `knows a config epoch ${max} above its current epoch ${topology.currentEpoch}`
          : null;
      },
      executed(node, command, outcome) {
        if (command.kind === 'reset' && command.hard && outcome.ok) epochs.delete(node);
        return null;
      },
      started(node) {
        epochs.delete(node);
        const saved = node.saved?.currentEpoch ?? 0;
        const { currentEpoch } = node.topology;
        return currentEpoch < saved
          ? `started in epoch ${currentEpoch}, having saved ${saved}`
          : settled(node);
      },
    };
  },
};
