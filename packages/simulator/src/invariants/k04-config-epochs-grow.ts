// K4. UPDATEs tell of third nodes, and travel on links of their own: one may come after newer word of
// that node. A config epoch that a node knows of another never goes down, or slots that were won since
// go back with it.

import { NO_NODE } from '@slotmesh/topology';
import type { SimNode } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

/** What was known of a node before messages about it were looked at. */
interface Known {
  readonly id: string;
  readonly configEpoch: number;
  /** Another time: the node was forgotten meanwhile, and entered anew. */
  readonly createdMs: number;
}

export const configEpochsGrow: Invariant = {
  id: 'K4',
  title: 'What a node knows of another one’s config epoch never goes back by a message',
  source: 'cluster specification, "UPDATE messages"; valkey#1777',
  watch() {
    /** By node: of whom the messages of this batch speak. */
    const pending = new Map<SimNode, Known[]>();
    return {
      receiving(node, _link, message) {
        const { kind, header } = message;
        const id = kind === 'update' ? message.node : header?.sender;
        const known = id === undefined ? null : knownOf(node, id);
        if (known === null) return null;
        const those = pending.get(node);
        if (those === undefined) pending.set(node, [known]);
        else those.push(known);
        return null;
      },
      settled(node) {
        const those = pending.get(node);
        if (those === undefined || those.length === 0) return null;
        const verdict = firstFault(node, those);
        those.length = 0;
        return verdict;
      },
      started(node) {
        pending.delete(node);
        return null;
      },
    };
  },
};

function knownOf({ topology }: SimNode, id: string): Known | null {
  const index = topology.find(id);
  if (index === NO_NODE || topology.isReplica(index)) return null;
  const configEpoch = topology.configEpochOf(index);
  return { id, configEpoch, createdMs: topology.createdMs(index) };
}

function firstFault(node: SimNode, those: readonly Known[]): Verdict {
  for (const { id, configEpoch, createdMs } of those) {
    const now = knownOf(node, id);
    if (now === null || now.createdMs !== createdMs || now.configEpoch >= configEpoch) continue;
    return `${id} had config epoch ${configEpoch}, and has ${now.configEpoch} by a message`;
  }
  return null;
}
