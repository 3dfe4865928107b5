// A cluster that has existed before: every node has a nodes.conf that says who the others are.

import { SLOT_COUNT, SlotSet } from '@slotmesh/crc16-slots';
import { fromTopology } from '@slotmesh/nodes-conf';
import { type NewNode, Topology } from '@slotmesh/topology';
import { UNIX_START_MS } from '../clock/node-clock.ts';
import type { Dice } from '../random.ts';
import type { Place, SimNode } from './contract.ts';
import { newId } from './identity.ts';
import { ConfImage, NODES_FILE } from './nodes-file.ts';

/** The slots, in equal parts. */
export function sharesOf(voters: number): SlotSet[] {
  return Array.from({ length: voters }, (_, i) => {
    const start = Math.floor((i * SLOT_COUNT) / voters);
    const end = Math.floor(((i + 1) * SLOT_COUNT) / voters) - 1;
    return SlotSet.fromRanges([{ start, end }]);
  });
}

/** How the nodes share the work: the first ones own the slots, those behind them follow these in turn. */
export interface Roles {
  readonly voters: number;
  readonly replicas: number;
}

/** Starts nodes that know each other. */
export function startFromFiles(nodes: readonly SimNode[], roles: Roles, dice: Dice): void {
  const rows = nodes.map(({ place }) => rowOf(place, newId(dice), newId(dice)));
  startFromRows(nodes, rows, roles);
}

/** Whom the node of that number follows; -1 = nobody. */
export function primaryNumber(node: number, { voters, replicas }: Roles): number {
  return node >= voters && node < voters + replicas ? (node - voters) % voters : -1;
}

/** The same, with ids that were chosen. */
export function startFromRows(
  nodes: readonly SimNode[],
  rows: readonly NewNode[],
  roles: Roles,
): void {
  const shares = sharesOf(roles.voters);
  nodes.forEach((node, self) => {
    const image = new ConfImage(fromTopology(tableOf(rows, { shares, roles }, self)));
    node.disk.replace(NODES_FILE, image, (error) => {
      if (error === null) node.start();
    });
  });
}

/** A node as nodes.conf knows it. */
export function rowOf({ host, port }: Place, id: string, shardId: string): NewNode {
  const address = { host, port, altPort: 0, busPort: port + 10_000 };
  return { id, shardId, address, createdMs: UNIX_START_MS };
}

function tableOf(
  rows: readonly NewNode[],
  { shares, roles }: { readonly shares: readonly SlotSet[]; readonly roles: Roles },
  self: number,
): Topology {
  const topology = new Topology(rows[self]);
  const nodes = rows.map((row, i) => {
    const node = i === self ? topology.self : topology.addNode(row);
    if (primaryNumber(i, roles) === -1) topology.setConfigEpoch(node, i + 1);
    if (i < shares.length) topology.assignSlots(shares[i], node, shares[i]);
    return node;
  });
  nodes.forEach((node, i) => {
    const primary = primaryNumber(i, roles);
    if (primary === -1) return;
    topology.setReplicaOf(node, nodes[primary]);
    topology.setShardId(node, topology.shardIdOf(nodes[primary]));
  });
  return topology;
}
