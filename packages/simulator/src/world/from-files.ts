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

/** Starts nodes that know each other; the first `voters` of them own the slots. */
export function startFromFiles(nodes: readonly SimNode[], voters: number, dice: Dice): void {
  const rows = nodes.map(({ place }) => rowOf(place, newId(dice), newId(dice)));
  startFromRows(nodes, rows, voters);
}

/** The same, with ids that were chosen. */
export function startFromRows(
  nodes: readonly SimNode[],
  rows: readonly NewNode[],
  voters: number,
): void {
  const shares = sharesOf(voters);
  nodes.forEach((node, self) => {
    const image = new ConfImage(fromTopology(tableOf(rows, shares, self)));
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

function tableOf(rows: readonly NewNode[], shares: readonly SlotSet[], self: number): Topology {
  const topology = new Topology(rows[self]);
  rows.forEach((row, i) => {
    const node = i === self ? topology.self : topology.addNode(row);
    topology.setConfigEpoch(node, i + 1);
    if (i < shares.length) topology.assignSlots(shares[i], node, shares[i]);
  });
  return topology;
}
