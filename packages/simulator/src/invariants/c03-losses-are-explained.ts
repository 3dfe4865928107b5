// C3. Redis promises no write for ever: what had not reached the replica that was elected is gone, and what a process had
// in memory alone. But for nothing else. Each acknowledged write that is not there when the cluster has come to rest must
// have a cause that the simulator saw (see ghost/writes.ts), and the totals of a search count them by cause.

import { isIn, type Write, type Writes } from '../ghost/writes.ts';
import type { SimNode, World } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

export const lossesAreExplained: Invariant = {
  id: 'C3',
  title: 'An acknowledged write that is lost has a permitted cause',
  source: 'cluster specification, "Write safety"; valkey#885, valkey#4317',
  assumes: ['disk', 'bus'],
  watch(world: World) {
    const writes = world.ghost.writes as Writes;
    const ask = (): Verdict => writes.takeFault();
    return {
      noticed: ask,
      atRest() {
        const { lostWrites } = world.ghost;
        lostWrites.clear();
        for (const those of writes.all()) {
          for (const write of those) {
            const owner = ownerOf(world, write.slot);
            if (owner === null || isKept(owner, write, writes)) continue;
            const cause = write.lost ?? orderedCause(world, write);
            if (cause === null)
              return `${nameOf(write)} is not at node ${owner.index}, and nothing explains it`;
            lostWrites.set(cause, (lostWrites.get(cause) ?? 0) + 1);
          }
        }
        return null;
      },
    };
  },
};

export function ownerOf({ nodes }: World, slot: number): SimNode | null {
  return nodes.find(({ topology }) => topology.ownerOf(slot) === topology.self) ?? null;
}

function isKept(owner: SimNode, write: Write, writes: Writes): boolean {
  if (isIn(owner, write)) return true;
  // Gone because a client said so later.
  return write.kind === 'add' && writes.removalOf(write.value) !== undefined;
}

/** Operators moved the slot by hand. */
function orderedCause({ ghost }: World, { slot }: Write): 'admin' | null {
  return ghost.contestedSlots.has(slot) ? 'admin' : null;
}

function nameOf({ kind, value, slot, node, atMs, position }: Write): string {
  const what = `${kind === 'add' ? 'the write' : 'the removal'} of ${value} in slot ${slot}`;
  return `${what}, acknowledged by node ${node.index} at ${atMs} ms, offset ${position.offset},`;
}
