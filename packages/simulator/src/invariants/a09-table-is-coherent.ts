// A9. The same fact stands in a table more than once, for speed: who owns a slot, and which slots a
// node owns. They must agree, or two commands about one slot get different answers.

import { SLOT_COUNT, type SlotSet } from '@slotmesh/crc16-slots';
import { NO_NODE, type NodeIndex, type Topology } from '@slotmesh/topology';
import type { SimNode } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

export const tableIsCoherent: Invariant = {
  id: 'A9',
  title:
    "A node's bitmap is the slots whose owner it is; replicas own none; flags exclude each other",
  source: 'cluster specification, "Hash slots configuration propagation"',
  watch() {
    const scans = new Map<SimNode, SlotScan>();
    return {
      tableChanged(node) {
        const { topology } = node;
        const known = scans.get(node);
        const scan = known ?? { bitmaps: [], skipped: 0 };
        if (known === undefined) scans.set(node, scan);
        const verdict = checkFlags(topology) ?? checkOpenSlots(topology);
        return verdict ?? (isScanDue(scan, topology) ? checkSlots(topology) : null);
      },
    };
  },
};

/** The scan of one node's slots: as long as no bitmap has changed it is done now and then only. */
interface SlotScan {
  /** By index; bitmaps are immutable, so that the same object says the same; another one may, too. */
  readonly bitmaps: SlotSet[];
  skipped: number;
}

const SKIPPED_MAX = 16;

function isScanDue(scan: SlotScan, topology: Topology): boolean {
  let isChanged = scan.skipped >= SKIPPED_MAX;
  for (let i = 0; i < topology.indexLimit; i++) {
    const node = i as NodeIndex;
    if (!topology.has(node)) continue;
    const slots = topology.slotsOf(node);
    const known = scan.bitmaps[i];
    if (known === slots) continue;
    scan.bitmaps[i] = slots;
    if (!known?.equals(slots)) isChanged = true;
  }
  scan.skipped = isChanged ? 0 : scan.skipped + 1;
  return isChanged;
}

function checkFlags(topology: Topology): Verdict {
  for (let i = 0; i < topology.indexLimit; i++) {
    const node = i as NodeIndex;
    if (!topology.has(node)) continue;
    const name = topology.idOf(node);
    if (topology.isPfail(node) && topology.isFail(node)) return `${name} is pfail and fail at once`;
    if (topology.find(name) !== node) return `the id ${name} leads to another node`;
    if (topology.isReplica(node) && topology.slotsOf(node).count > 0) {
      return `the replica ${name} owns slots`;
    }
  }
  return null;
}

/** Each slot is in the bitmap of its owner, and the bitmaps have no more slots than that. */
function checkSlots(topology: Topology): Verdict {
  let owned = 0;
  let last = NO_NODE;
  let bitmap: Uint8Array = new Uint8Array(0);
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const owner = topology.ownerOf(slot);
    if (owner === NO_NODE) continue;
    if (owner !== last) {
      if (!topology.has(owner)) return `slot ${slot} belongs to a node that is not in the table`;
      bitmap = topology.slotsOf(owner).bitmap;
      last = owner;
    }
    if ((bitmap[slot >> 3] & (1 << (slot & 7))) === 0) {
      return `slot ${slot} is not in the bitmap of its owner ${topology.idOf(owner)}`;
    }
    owned++;
  }
  const counted = topology.assignedSlotCount;
  return owned === counted ? null : `the bitmaps have ${counted} slots, ${owned} have an owner`;
}

function checkOpenSlots(topology: Topology): Verdict {
  for (const slot of topology.migratingSlots.keys()) {
    if (topology.importingSlots.has(slot)) return `slot ${slot} is migrating and importing at once`;
  }
  return null;
}
