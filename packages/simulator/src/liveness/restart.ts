// Q8 of the safety rules: a cluster at rest whose nodes are all killed at once, or lose their power,
// comes back as it was: each node as its disk has it, and all of them together.

import { type NodesConf, toTopology } from '@slotmesh/nodes-conf';
import { NO_NODE, type NodeIndex, StatusBit, type Topology } from '@slotmesh/topology';
import type { Verdict } from '../invariants/invariant.ts';
import type { SimNode } from '../world/contract.ts';

/** What a restart must not change of a node's table; one fact a line, in an order of its own. */
export function stateOf(topology: Topology): string {
  const { currentEpoch, lastVoteEpoch, self } = topology;
  const members = [...topology.nodes()].filter(
    (node) => !topology.hasStatus(node, StatusBit.handshake),
  );
  const rows = members.map((node) => rowOf(topology, node)).sort();
  const own = `${topology.idOf(self)} in epoch ${currentEpoch}, voted in ${lastVoteEpoch}`;
  return [own, ...rows].join('\n');
}

function rowOf(topology: Topology, node: NodeIndex): string {
  const { host, port, busPort } = topology.addressOf(node);
  const primary = topology.primaryOf(node);
  const role = topology.isReplica(node)
    ? `follows ${primary === NO_NODE ? 'nobody' : topology.idOf(primary)}`
    : `config epoch ${topology.configEpochOf(node)}, slots ${topology.slotsOf(node)}`;
  return `${topology.idOf(node)} at ${host}:${port}@${busPort} ${role}`;
}

/** Whose disk does not have its table yet; null: nobody's. */
export function unsaved(nodes: readonly SimNode[]): Verdict {
  for (const { index, saved, topology } of nodes) {
    if (saved === null) return `node ${index} has saved nothing`;
    const fault = changed(stateOf(topology), savedState(saved));
    if (fault !== null) return `node ${index} has not saved its table: ${fault}`;
  }
  return null;
}

/** By what was saved, which does not change: it is asked for again and again until all nodes are done. */
const SAVED_STATES = new WeakMap<NodesConf, string>();

function savedState(saved: NodesConf): string {
  let state = SAVED_STATES.get(saved);
  if (state === undefined) {
    state = stateOf(toTopology(saved, { nowMs: 0 }));
    SAVED_STATES.set(saved, state);
  }
  return state;
}

/** The first fact that is another one now; null: they are the same. */
export function changed(before: string, after: string): Verdict {
  if (before === after) return null;
  const lines = after.split('\n');
  const other = before.split('\n').find((line) => !lines.includes(line));
  return other === undefined ? 'there is more than there was' : `gone is '${other}'`;
}

/** Comes back as one that has lost its data: it leaves its place to its replicas, and is not what it was. */
export function hasNothing({ topology, replicator }: SimNode): boolean {
  const { self } = topology;
  const { data, machine } = replicator;
  if (!topology.isVoter(self) || topology.replicasOf(self).length === 0) return false;
  return data.size === 0 && machine.offset === 0;
}
