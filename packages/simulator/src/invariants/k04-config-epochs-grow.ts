// K4. UPDATEs tell of third nodes, and travel on links of their own: one may come after newer word of
// that node. A config epoch that a node knows of another never goes down, or slots that were won since
// go back with it.

import { NO_NODE } from '@slotmesh/topology';
import type { SimNode } from '../world/contract.ts';
import { PerNode } from '../world/per-node.ts';
import type { Invariant, Verdict } from './invariant.ts';

/** What was known of a node before a message about it was looked at. */
interface Known {
  id: string;
  configEpoch: number;
  /** Another time: the node was forgotten meanwhile, and entered anew. */
  createdMs: number;
}

/** Of whom the messages of a node's batch speak. */
interface Batch {
  /** Its table's when the first of them came: no config epoch changes without it. */
  revision: number;
  count: number;
  /** The first `count` of them are this batch's; they are used again. */
  readonly known: Known[];
}

export const configEpochsGrow: Invariant = {
  id: 'K4',
  title: 'What a node knows of another one’s config epoch never goes back by a message',
  source: 'cluster specification, "UPDATE messages"; valkey#1777',
  watch() {
    const batches = new PerNode<Batch>();
    return {
      receiving(node, _link, message) {
        const batch = batches.get(node);
        const { kind, header } = message;
        const id = kind === 'update' ? message.node : header?.sender;
        if (batch !== undefined && id !== undefined) note(batch, node, id);
        return null;
      },
      settled(node) {
        const batch = batches.get(node);
        if (batch === undefined || batch.count === 0) return null;
        const verdict = batch.revision === node.topology.revision ? null : firstFault(node, batch);
        batch.count = 0;
        return verdict;
      },
      started(node) {
        batches.set(node, { revision: 0, count: 0, known: [] });
        return null;
      },
    };
  },
};

function note(batch: Batch, { topology }: SimNode, id: string): void {
  const index = topology.find(id);
  if (index === NO_NODE || topology.isReplica(index)) return;
  if (batch.count === 0) batch.revision = topology.revision;
  if (batch.count === batch.known.length) {
    batch.known.push({ id: '', configEpoch: 0, createdMs: 0 });
  }
  const known = batch.known[batch.count++];
  known.id = id;
  known.configEpoch = topology.configEpochOf(index);
  known.createdMs = topology.createdMs(index);
}

function firstFault({ topology }: SimNode, { known, count }: Batch): Verdict {
  for (let i = 0; i < count; i++) {
    const { id, configEpoch, createdMs } = known[i];
    const index = topology.find(id);
    if (index === NO_NODE || topology.isReplica(index)) continue;
    const now = topology.configEpochOf(index);
    if (now >= configEpoch || topology.createdMs(index) !== createdMs) continue;
    return `${id} had config epoch ${configEpoch}, and has ${now} by a message`;
  }
  return null;
}
