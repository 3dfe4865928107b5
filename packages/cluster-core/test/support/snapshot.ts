// What a simulated node keeps on its disk: a plain copy of its table, and a table made from it. It
// stands in for nodes.conf, with the same content: nodes in handshake are left out, and so are
// links, times and failure reports.

import type { SlotSet } from '@slotmesh/crc16-slots';
import {
  NO_NODE,
  type NodeAddress,
  type NodeLabels,
  StatusBit,
  Topology,
} from '@slotmesh/topology';

interface SavedNode {
  readonly id: string;
  readonly address: NodeAddress;
  readonly labels: NodeLabels;
  readonly shardId: string;
  readonly configEpoch: number;
  readonly isReplica: boolean;
  readonly primary: string | null;
  readonly slots: SlotSet;
  readonly isPfail: boolean;
  readonly isFail: boolean;
}

export interface Snapshot {
  readonly self: string;
  readonly currentEpoch: number;
  readonly lastVoteEpoch: number;
  readonly hasVoteMemory: boolean;
  readonly nodes: readonly SavedNode[];
}

export function save(topology: Topology): Snapshot {
  const nodes: SavedNode[] = [];
  for (const node of topology.nodes()) {
    if (topology.hasStatus(node, StatusBit.handshake)) continue;
    const primary = topology.primaryOf(node);
    nodes.push({
      id: topology.idOf(node),
      address: topology.addressOf(node),
      labels: topology.labelsOf(node),
      shardId: topology.shardIdOf(node),
      configEpoch: topology.configEpochOf(node),
      isReplica: topology.isReplica(node),
      primary: primary === NO_NODE ? null : topology.idOf(primary),
      slots: topology.slotsOf(node),
      isPfail: topology.isPfail(node),
      isFail: topology.isFail(node),
    });
  }
  return {
    self: topology.idOf(topology.self),
    currentEpoch: topology.currentEpoch,
    lastVoteEpoch: topology.lastVoteEpoch,
    hasVoteMemory: topology.hasVoteMemory,
    nodes,
  };
}

export function load(saved: Snapshot, nowMs: number): Topology {
  const own = saved.nodes.find((node) => node.id === saved.self) as SavedNode;
  const topology = new Topology({ ...own, createdMs: nowMs });
  for (const node of saved.nodes) {
    if (node !== own) topology.addNode({ ...node, createdMs: nowMs });
  }
  for (const node of saved.nodes) {
    const index = topology.find(node.id);
    if (node.isReplica) {
      topology.setReplicaOf(index, node.primary === null ? NO_NODE : topology.find(node.primary));
    }
    if (node.slots.count > 0) topology.assignSlots(node.slots, index);
    if (node.isPfail) topology.markPfail(index);
    if (node.isFail) topology.markFail(index, nowMs);
  }
  topology.currentEpoch = Math.max(topology.currentEpoch, saved.currentEpoch);
  topology.lastVoteEpoch = saved.lastVoteEpoch;
  topology.hasVoteMemory = saved.hasVoteMemory;
  return topology;
}
