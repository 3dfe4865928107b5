// C7. What was written in one transaction is there, all of it, or none of it: a failover cuts the stream between
// transactions alone. Keys that a client has removed since are not asked for.

import { isIn, type Write, type Writes } from '../ghost/writes.ts';
import type { World } from '../world/contract.ts';
import { ownerOf } from './c03-losses-are-explained.ts';
import type { Invariant } from './invariant.ts';

export const groupsAreWhole: Invariant = {
  id: 'C7',
  title: 'A transaction is whole after a failover, or is gone',
  source: 'redis.io, "Transactions"; cluster specification, "Write safety"',
  assumes: ['disk', 'bus'],
  watch(world: World) {
    const writes = world.ghost.writes as Writes;
    return {
      atRest() {
        for (const those of writes.all()) {
          const groups = new Map<number, Write[]>();
          for (const write of those) {
            if (write.group === 0 || writes.removalOf(write.value) !== undefined) continue;
            const group = groups.get(write.group);
            if (group === undefined) groups.set(write.group, [write]);
            else group.push(write);
          }
          for (const group of groups.values()) {
            const owner = ownerOf(world, group[0].slot);
            if (owner === null) continue;
            const present = group.filter((write) => isIn(owner, write)).length;
            if (present === 0 || present === group.length) continue;
            const [{ slot, atMs }] = group;
            return `of ${group.length} writes to slot ${slot} in one transaction at ${atMs} ms, ${present} are at node ${owner.index}`;
          }
        }
        return null;
      },
    };
  },
};
