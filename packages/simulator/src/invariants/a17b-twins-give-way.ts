// A17, second half. Of two live processes with one id, one at least serves nothing after two node
// timeouts; and nobody says that there is another one where there was none.
//
// How soon they find each other hangs on a third node that both reach, and on their reaching each other.
// So the time is asked only where nothing else is in the way: in runs that have no other fault, and no
// operator. That nobody is suspected without reason is asked everywhere but where somebody lies.

import type { SimNode, World } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

/** What is on its way when a process ends arrives within this time. */
const LATE_MS = 10_000;

export const twinsGiveWay: Invariant = {
  id: 'A17b',
  title: 'Of two live processes with one id one gives way, and no node does without reason',
  source: 'safety rule A17; the peers do nothing here',
  assumes: ['tcp', 'bus'],
  watch(world) {
    /** By id: who had it when last. */
    const bearers = new Map<string, Map<SimNode, number>>();
    /** By pair of lives with one id: since when both run. */
    const pairs = new Map<string, number>();
    const isAsked = isQuiet(world);
    /** Gives how many have had the id of a node. */
    const bear = (node: SimNode): number => {
      const known = bearers.get(node.id);
      if (known === undefined) bearers.set(node.id, new Map([[node, world.nowMs]]));
      else known.set(node, world.nowMs);
      return known?.size ?? 1;
    };
    return {
      started(node) {
        bear(node);
        return null;
      },
      ticking(node) {
        const isAlone = bear(node) === 1;
        return !isAsked || isAlone ? null : lookAt(world, node, pairs);
      },
      noticed(node, notice) {
        if (notice.kind !== 'twinFound') return null;
        const timeoutsMs = 2 * node.core.options.nodeTimeoutMs;
        for (const [other, lastMs] of bearers.get(node.id) ?? []) {
          if (other !== node && world.nowMs - lastMs <= timeoutsMs + LATE_MS) return null;
        }
        return `says that another process with its id is at ${notice.address.host}`;
      },
    };
  },
};

function isQuiet({ options }: World): boolean {
  const { faults, operators } = options;
  return operators.actions.length === 0 && faults.every(({ name }) => name === 'swapped-files');
}

function lookAt(world: World, node: SimNode, pairs: Map<string, number>): Verdict {
  const live = world.liveNodes();
  const twin = live.find((other) => other !== node && other.id === node.id);
  const isSeen = live.some(({ id, topology }) => id !== node.id && topology.find(node.id) >= 0);
  if (twin === undefined || !isSeen) return null;
  const [one, other] = node.index < twin.index ? [node, twin] : [twin, node];
  const key = `${one.index}/${one.life} ${other.index}/${other.life}`;
  const sinceMs = pairs.get(key);
  if (sinceMs === undefined) {
    pairs.set(key, world.nowMs);
    return null;
  }
  if (world.nowMs - sinceMs <= 2 * node.core.options.nodeTimeoutMs) return null;
  if (one.topology.clusterState === 'fail' || other.topology.clusterState === 'fail') return null;
  return `has had the id of node ${twin.index} for ${world.nowMs - sinceMs} ms, and both serve`;
}
