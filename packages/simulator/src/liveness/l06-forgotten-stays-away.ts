// L6. A node that an operator had another one forget is not back in its table before the ban is over,
// whatever others tell of it. (That a cluster forms in time is asked by the run itself.)
//
// A restart forgets bans, as Redis does. A MEET between the two, after the FORGET, is an operator's wish to
// have the node back. So is one that was ordered at the forgotten node before: that one may go on with it.

import { NO_NODE } from '@slotmesh/topology';
import type { Invariant } from '../invariants/invariant.ts';
import type { SimNode, World } from '../world/contract.ts';

export const forgottenStaysAway: Invariant = {
  id: 'L6',
  title: 'A forgotten node does not come back before its ban is over',
  source: 'CLUSTER FORGET, "Details on why the ban-list is needed"; valkey#2788',
  assumes: ['bus'],
  watch(world: World) {
    /** By node: the end of each ban, by its clock. */
    const bans = new Map<SimNode, Map<string, number>>();
    /** Pairs that an operator had meet, as `a>b`. */
    const met = new Set<string>();
    const at = (host: string, port: number): SimNode | undefined =>
      world.nodes.find(({ place }) => place.host === host && place.port === port);
    return {
      started(node) {
        bans.delete(node);
        return null;
      },
      executed(node, command, { ok }) {
        if (!ok) return null;
        if (command.kind === 'reset') bans.delete(node);
        if (command.kind === 'meet') {
          // The handshake goes by the bus port alone.
          const other = at(command.host, command.busPort - 10_000);
          if (other === undefined) return null;
          met.add(`${node.index}>${other.index}`);
          bans.get(node)?.delete(other.id);
          bans.get(other)?.delete(node.id);
        }
        if (command.kind === 'forget') {
          const forgotten = world.nodes.find(({ id }) => id === command.id);
          if (forgotten !== undefined && met.has(`${forgotten.index}>${node.index}`)) return null;
          const endMs = node.clock.read(world.nowMs) + world.options.cluster.blacklistTtlS * 1000;
          const those = bans.get(node) ?? new Map<string, number>();
          bans.set(node, those.set(command.id, endMs));
        }
        return null;
      },
      tableChanged(node) {
        const nowMs = node.clock.read(world.nowMs);
        for (const [id, endMs] of bans.get(node) ?? []) {
          if (endMs <= nowMs) bans.get(node)?.delete(id);
          else if (node.topology.find(id) !== NO_NODE) {
            return `${id} is back ${endMs - nowMs} ms before its ban is over`;
          }
        }
        return null;
      },
    };
  },
};
