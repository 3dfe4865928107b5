// Whether a majority stands behind a node, worked out from the simulator's own record of PINGs and
// answers, and not from what the node keeps.

import type { NodeIndex } from '@slotmesh/topology';
import type { SimNode, World } from '../world/contract.ts';
import type { Verdict } from './invariant.ts';

/** Why there are too few voters that answered a PING which left after `sinceMs`; null: enough. */
export function missingAnswers(world: World, node: SimNode, sinceMs: number): Verdict {
  const { topology } = node;
  const { answers } = world.ghost;
  let voters = 0;
  let standing = 0;
  for (let i = 0; i < topology.indexLimit; i++) {
    const other = i as NodeIndex;
    if (!topology.has(other) || !topology.isVoter(other)) continue;
    voters++;
    if (other === topology.self) standing++;
    else if (answers.latestMs(node, topology.idOf(other)) > sinceMs) standing++;
  }
  const needed = Math.floor(voters / 2) + 1;
  return standing >= needed
    ? null
    : `${standing} of ${voters} voters answered since, itself counted`;
}
