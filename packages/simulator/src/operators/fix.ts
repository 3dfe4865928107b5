// redis-cli --cluster fix, for slots that nobody serves: looks at the slots through one node, and gives
// each uncovered one to a primary: DELSLOTS, ADDSLOTS and BUMPEPOCH in one transaction, slot by slot.
// What it saw may be old by the time it acts.

import type { SimNode } from '../world/contract.ts';
import type { OperatorAction } from './operator.ts';
import { anyNode, freeSlots, isThere, order } from './steps.ts';

/** Slots for which the tool's patience lasts here. */
const SLOTS_MAX = 40;

export const fix: OperatorAction = {
  name: 'fix',
  title: 'gives slots that nobody serves to primaries, as redis-cli --cluster fix does',
  weight: 3,
  *run(context) {
    const source = anyNode(context);
    if (source === null) return;
    const uncovered = freeSlots(source).slice(0, SLOTS_MAX);
    const primaries = context.nodes().filter(({ topology }) => topology.isPrimary(topology.self));
    yield `${source.index}: ${uncovered.length} slots are not covered`;
    for (const slot of uncovered) {
      const owner: SimNode | undefined = context.dice.pick(primaries);
      if (owner === undefined || !isThere(owner)) return;
      yield take(owner, slot);
    }
  },
};

/** Its DELSLOTS may be refused, for it clears what the node may know; the rest goes on. */
function take(node: SimNode, slot: number): string {
  const slots = [slot];
  node.execute({ kind: 'delSlots', slots });
  const added = order(node, { kind: 'addSlots', slots });
  node.execute({ kind: 'bumpEpoch' });
  return added;
}
