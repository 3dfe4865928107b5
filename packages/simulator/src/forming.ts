// How the nodes of a run become a cluster: as redis-cli makes one (slots, epochs, then every node
// meets the first), or from files that say that they are one already.

import { SLOT_COUNT, SlotSet } from '@slotmesh/crc16-slots';
import { fromTopology } from '@slotmesh/nodes-conf';
import { type NewNode, Topology } from '@slotmesh/topology';
import { UNIX_START_MS } from './clock/node-clock.ts';
import type { ClusterNode } from './world/cluster-node.ts';
import type { ClusterWorld } from './world/cluster-world.ts';
import type { Place } from './world/contract.ts';
import { newId } from './world/identity.ts';
import { ConfImage, NODES_FILE } from './world/nodes-file.ts';

/** The tool waits before nodes meet: epochs must be set while they are alone. */
const BEFORE_MEETING_MS = 1000;

/** Starts the nodes of the run. They are a cluster some time later. */
export function formCluster(world: ClusterWorld): void {
  const { nodes: size, start } = world.options;
  const nodes = Array.from({ length: size }, () => world.createNode());
  if (start === 'meet') meetAll(world, nodes);
  else startFromFiles(world, nodes);
}

function meetAll(world: ClusterWorld, nodes: readonly ClusterNode[]): void {
  for (const node of nodes) node.start();
  const shares = sharesOf(world.options.voters);
  nodes.forEach((node, i) => {
    if (i < shares.length) node.execute({ kind: 'addSlots', slots: [...shares[i]] });
    node.execute({ kind: 'setConfigEpoch', epoch: i + 1 });
  });
  const { host, port } = nodes[0].place;
  world.after(BEFORE_MEETING_MS, () => {
    for (const node of nodes.slice(1)) {
      node.execute({ kind: 'meet', host, port, busPort: port + 10_000 });
    }
  });
}

/** The slots, in equal parts. */
function sharesOf(voters: number): SlotSet[] {
  return Array.from({ length: voters }, (_, i) => {
    const start = Math.floor((i * SLOT_COUNT) / voters);
    const end = Math.floor(((i + 1) * SLOT_COUNT) / voters) - 1;
    return SlotSet.fromRanges([{ start, end }]);
  });
}

function startFromFiles(world: ClusterWorld, nodes: readonly ClusterNode[]): void {
  const dice = world.dice('identity');
  const rows = nodes.map(({ place }) => rowOf(place, newId(dice), newId(dice)));
  const shares = sharesOf(world.options.voters);
  nodes.forEach((node, self) => {
    const image = new ConfImage(fromTopology(tableOf(rows, shares, self)));
    node.disk.replace(NODES_FILE, image, (error) => {
      if (error === null) node.start();
    });
  });
}

function rowOf({ host, port }: Place, id: string, shardId: string): NewNode {
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
