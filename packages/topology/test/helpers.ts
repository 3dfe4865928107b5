// Small tables to test with, and a table made from what a real server says of its cluster.

import { SlotSet } from '@slotmesh/crc16-slots';
import {
  type LinkId,
  NO_LABELS,
  type NodeAddress,
  type NodeIndex,
  type NodeLabels,
  StatusBit,
  Topology,
} from '../src/index.ts';

/** A node id whose first characters are `name`. */
export function idOf(name: string): string {
  return name.padEnd(40, '0');
}

export function addressOf(port: number, host = '127.0.0.1'): NodeAddress {
  return { host, port, altPort: 0, busPort: port === 0 ? 0 : port + 10000 };
}

export function hostname(name: string): NodeLabels {
  return { ...NO_LABELS, hostname: name };
}

/** A table of a node named `self`, and a way to add nodes to it by name. */
export function tableOf(self: string): {
  topology: Topology;
  add: (name: string, port?: number) => NodeIndex;
} {
  let nextPort = 7000;
  const entry = (name: string, port: number) => ({
    id: idOf(name),
    address: addressOf(port),
    createdMs: 1000,
  });
  const topology = new Topology(entry(self, nextPort++));
  return { topology, add: (name, port = nextPort++) => topology.addNode(entry(name, port)) };
}

/** Reads CLUSTER NODES as far as these tests need it: no open slots, no failures. */
export function tableFromClusterNodes(text: string): Topology {
  const lines = text.trimEnd().split('\n');
  lines.sort((a) => (a.includes('myself') ? -1 : 0));
  const rows = lines.map((line) => line.split(' '));
  const entries = rows.map(([id, at]) => {
    const [, host, port, busPort, name = ''] = /^(.*):(\d+)@(\d+)(?:,(.*))?$/.exec(at)!;
    const address = { host, port: Number(port), altPort: 0, busPort: Number(busPort) };
    return { id, address, createdMs: 0, labels: hostname(name) };
  });
  const topology = new Topology(entries[0]);
  for (const entry of entries.slice(1)) topology.addNode(entry);
  for (const [id, , flags, primary, ping, pong, epoch, link, ...slots] of rows) {
    const node = topology.find(id);
    topology.setPingSent(node, Number(ping));
    topology.setPongReceived(node, Number(pong));
    topology.setStatus(node, StatusBit.noFailover, flags.includes('nofailover'));
    if (link === 'connected' && node !== topology.self) {
      topology.setOutboundLink(node, (2 * node) as LinkId);
    }
    if (primary === '-') {
      topology.setConfigEpoch(node, Number(epoch));
      topology.assignSlots(SlotSet.parse(slots.join(' ')), node);
    } else {
      topology.setReplicaOf(node, topology.find(primary));
    }
  }
  return topology;
}
