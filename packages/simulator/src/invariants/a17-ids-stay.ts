// A17. A node's id is who it is, whatever its address: the others keep its slots, epochs and votes by
// it. It changes by an operator's RESET HARD alone, and a restart finds the one that was saved last, or
// one that was being saved.
// What two live processes with one id do is asked in a17b-twins-give-way.ts.

import type { SimNode } from '../world/contract.ts';
import type { Invariant, Verdict } from './invariant.ts';

const NODE_ID = /^[0-9a-f]{40}$/;

export const idsStay: Invariant = {
  id: 'A17',
  title: 'A node’s id is 40 hex digits, its own, and changes by RESET HARD alone',
  source: 'cluster specification, "Cluster nodes attributes"',
  assumes: ['disk'],
  watch() {
    const ids = new Map<SimNode, string>();
    /** By node: the id that its disk had for certain when its process ended. */
    const saved = new Map<SimNode, string>();
    /** Every id that was ever taken, and by whom. */
    const owners = new Map<string, SimNode>();
    const take = (node: SimNode): Verdict => {
      const { id } = node;
      if (!NODE_ID.test(id)) return `its id is '${id}'`;
      const owner = owners.get(id);
      if (owner !== undefined && owner !== node) return `has the id of node ${owner.index}, ${id}`;
      ids.set(node, id);
      owners.set(id, node);
      return null;
    };
    return {
      started(node) {
        const { id } = node;
        const isSame = id === ids.get(node) || id === saved.get(node);
        const isNew = !ids.has(node) || node.saved === null;
        return isSame || isNew ? take(node) : `was ${ids.get(node)}, and started as ${id}`;
      },
      stopped(node) {
        const self = node.saved?.nodes.find(({ isSelf }) => isSelf);
        if (self !== undefined) saved.set(node, self.id);
        return null;
      },
      executed(node, command, { ok }) {
        return command.kind === 'reset' && command.hard && ok ? take(node) : null;
      },
      tableChanged(node) {
        const known = ids.get(node);
        return known === node.id ? null : `was ${known}, and is ${node.id}`;
      },
    };
  },
};
