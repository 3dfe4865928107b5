// A3. What a node tells of itself must survive its crash: a config epoch that others have seen and
// that is gone after a restart comes again, for other slots; a vote that is gone is given once more.

import type { BusMessage } from '@slotmesh/cluster-bus';
import { PerNode } from '../world/per-node.ts';
import type { Invariant, Verdict } from './invariant.ts';

export const savedBeforeSent: Invariant = {
  id: 'A3',
  title:
    'A config epoch of its own, a candidacy and a vote are on the disk before a message tells them',
  source: 'cluster specification, "Configuration epoch"; etcd raft\'s Ready',
  watch() {
    /** By node: what its disk is known to hold, so that most messages cost one comparison. */
    const known = new PerNode<number>();
    return {
      started(node) {
        known.delete(node);
        return null;
      },
      executed(node, command, outcome) {
        // A hard reset begins again at 0, so that the same numbers come again.
        if (command.kind === 'reset' && command.hard && outcome.ok) known.delete(node);
        return null;
      },
      sending(node, _link, message: BusMessage): Verdict {
        const { header, kind } = message;
        if (header === null) return null;
        const epoch = header.currentEpoch;
        if (kind === 'failoverAuthAck' && (node.saved?.lastVoteEpoch ?? 0) < epoch) {
          return `votes in epoch ${epoch}, and has ${node.saved?.lastVoteEpoch} on its disk`;
        }
        if (kind === 'failoverAuthRequest' && (node.saved?.currentEpoch ?? 0) < epoch) {
          return `stands in epoch ${epoch}, and has ${node.saved?.currentEpoch} on its disk`;
        }
        if (header.replicaOf !== null) return null;
        const { sender, configEpoch } = header;
        if (configEpoch <= (known.get(node) ?? 0)) return null;
        const row = node.saved?.nodes.find((one) => one.id === sender);
        // What it wrote as a primary may leave when it is a replica, whose line has no config epoch of its own: the
        // current epoch keeps it from coming again.
        const isPrimary = node.topology.isPrimary(node.topology.self);
        const saved = (isPrimary ? row?.configEpoch : node.saved?.currentEpoch) ?? 0;
        if (saved < configEpoch) {
          return `sends config epoch ${configEpoch}, and has ${saved} on its disk`;
        }
        known.set(node, saved);
        return null;
      },
    };
  },
};
