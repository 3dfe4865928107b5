// What faults of disks have in common: a disk misbehaves for a while; a process whose save failed has
// ended by then, and is started again when its disk works.

import type { DiskFaultOptions } from '../disk/faults.ts';
import type { SimNode } from '../world/contract.ts';

/** Changes how a disk misbehaves; what else it does wrong stays. */
export function setTrouble({ disk }: SimNode, trouble: Partial<DiskFaultOptions>): void {
  disk.faults.options = { ...disk.faults.options, ...trouble };
}

/** The disk works again, and so should the process. */
export function revive(nodes: readonly SimNode[]): void {
  for (const node of nodes) {
    node.disk.faults.isBroken = false;
    node.start();
  }
}

export function namesOf(nodes: readonly SimNode[]): string {
  return nodes.map((node) => node.index).join(' ');
}
