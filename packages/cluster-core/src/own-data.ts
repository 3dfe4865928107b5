// What a primary's data say about its slots, when they have just been loaded or have become its own by a promotion.
//
// Keys in a slot that is somebody else's are older than what that node has: they go (as in Valkey; redis-server 7.0 marks
// the slot as importing, which keeps it from being given to anybody until an operator looks). Keys in a slot that is
// nobody's make the node take it, as in both; also where it leaves a circle of replicas. And a primary that has lost its
// data leaves its place to its replicas, which have them: whoever comes back within the node timeout is not missed by
// anybody, and would have its replicas throw their data away for its empty ones (kubeblocks#10753). It keeps silent until
// an election must be over; where nobody has won by then, nobody could.

import { SLOT_COUNT, SlotSet } from '@slotmesh/crc16-slots';
import type { Millis } from '@slotmesh/machine';
import { NO_NODE, type Topology } from '@slotmesh/topology';
import type { LocalFacts } from './contract.ts';

/** The slots with keys here that are another node's, and those that are nobody's. */
export function strayKeys(
  topology: Topology,
  facts: Pick<LocalFacts, 'keyCountInSlot' | 'keyCount'>,
): { readonly foreign: SlotSet; readonly unowned: SlotSet } {
  const foreign: number[] = [];
  const unowned: number[] = [];
  const { self, importingSlots } = topology;
  for (let slot = 0; slot < SLOT_COUNT && facts.keyCount() > 0; slot++) {
    const owner = topology.ownerOf(slot);
    if (owner === self || importingSlots.has(slot) || facts.keyCountInSlot(slot) === 0) continue;
    if (owner === NO_NODE) unowned.push(slot);
    else foreign.push(slot);
  }
  return { foreign: SlotSet.from(foreign), unowned: SlotSet.from(unowned) };
}

/** How long a primary keeps silent that starts without its data; 0 = it has nobody to leave its place to. */
export function recoverySilenceMs(topology: Topology, nodeTimeoutMs: number): Millis {
  const { self } = topology;
  if (!topology.isVoter(self) || topology.replicasOf(self).length === 0) return 0;
  return recoverySilenceMsMax(nodeTimeoutMs);
}

/** The longest such silence: to be failed takes two and a half node timeouts, an election two, and some seconds. */
export function recoverySilenceMsMax(nodeTimeoutMs: number): Millis {
  return 4.5 * nodeTimeoutMs + 3000;
}
