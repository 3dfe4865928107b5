// What one node's knowledge of another costs: a thousand tables that each know a thousand nodes, as a simulated cluster
// has them. Tables that agree share ids, addresses, labels and bitmaps. Beside it, the same facts as one plain object
// per node, which is what the columns are there to avoid.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SLOT_COUNT, SlotSet } from '@slotmesh/crc16-slots';
import { median, table } from '../../../scripts/bench-kit.ts';
import {
  checkInvariants,
  clusterNodesText,
  type LinkId,
  type NewNode,
  NO_LABELS,
  shardsView,
  slotsView,
  Topology,
} from '../src/index.ts';

/** Half the nodes own slots, each of the others follows one of them. */
interface Cluster {
  readonly entries: readonly NewNode[];
  readonly slots: readonly SlotSet[];
}

function clusterOf(size: number): Cluster {
  const primaries = size / 2;
  const entries = Array.from({ length: size }, (_, i) => ({
    id: i.toString(16).padStart(40, '0'),
    address: { host: `10.0.${i >> 8}.${i & 255}`, port: 6379, altPort: 0, busPort: 16379 },
    labels: NO_LABELS,
    shardId: (i % primaries).toString(16).padStart(40, 'f'),
    createdMs: 1,
  }));
  const edge = (i: number) => Math.floor((i * SLOT_COUNT) / primaries);
  const slots = Array.from({ length: primaries }, (_, i) =>
    SlotSet.fromRanges([{ start: edge(i), end: edge(i + 1) - 1 }]),
  );
  return { entries, slots };
}

function tableOf({ entries, slots }: Cluster, self: number): Topology {
  const topology = new Topology(entries[self]);
  for (const entry of entries) if (entry !== entries[self]) topology.addNode(entry);
  entries.forEach(({ id }, i) => {
    const node = topology.find(id);
    const primary = i % slots.length;
    if (i === primary) topology.assignSlots(slots[i], node, slots[i]);
    else topology.setReplicaOf(node, topology.find(entries[primary].id));
    topology.setConfigEpoch(node, primary + 1);
    topology.setPongReceived(node, 1.5 + i);
    topology.setOutboundLink(node, (2 * i) as LinkId);
  });
  return topology;
}

/** The facts of one table, one object a node. */
function objectsOf({ entries, slots }: Cluster): Map<string, object> {
  return new Map(
    entries.map((entry, i) => [
      entry.id,
      {
        id: entry.id,
        address: entry.address,
        labels: entry.labels,
        shardId: entry.shardId,
        slots: slots[i] ?? SlotSet.EMPTY,
        flags: i,
        primary: entries[i % slots.length],
        outboundLink: 2 * i,
        inboundLink: -1,
        // Halves, so that they are stored as the floating-point numbers that times and offsets in bytes are.
        configEpoch: i + 0.5,
        offset: i + 0.5,
        createdMs: i + 0.5,
        pingSentMs: i + 0.5,
        pingAnsweredMs: i + 0.5,
        pongReceivedMs: i + 0.5,
        dataReceivedMs: i + 0.5,
        failTimeMs: i + 0.5,
      },
    ]),
  );
}

function bytesPerEntry(count: number, size: number, make: (i: number) => unknown): number {
  const gc = runInNewContext('gc') as () => void;
  // Once is not enough: what the first collection frees may have kept typed arrays alive.
  const collect = () => {
    for (let i = 0; i < 3; i++) gc();
  };
  collect();
  const before = process.memoryUsage();
  const kept = Array.from({ length: count }, (_, i) => make(i));
  collect();
  const after = process.memoryUsage();
  const grown = (name: 'heapUsed' | 'arrayBuffers') => after[name] - before[name];
  return (grown('heapUsed') + grown('arrayBuffers')) / (kept.length * size);
}

function msOf(rounds: number, act: () => unknown): number {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    act();
    return performance.now() - start;
  });
  return median(times);
}

/** Throws unless the table says of its cluster what it was given. */
function checkTable(topology: Topology, { entries, slots }: Cluster): void {
  checkInvariants(topology);
  const shared = slots.every((set, i) => topology.slotsOf(topology.find(entries[i].id)) === set);
  if (topology.size !== entries.length || !shared) throw new Error('the table is not as given');
  if (slotsView(topology).length !== slots.length) throw new Error('the view lacks ranges');
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  setFlagsFromString('--expose-gc');
  const size = quick ? 20 : 1000;
  const tables = quick ? 10 : 1000;
  const cluster = clusterOf(size);
  const example = tableOf(cluster, size - 1);
  checkTable(example, cluster);

  const columns = bytesPerEntry(tables, size, (i) => tableOf(cluster, i % size));
  const objects = bytesPerEntry(Math.ceil(tables / 10), size, () => objectsOf(cluster));
  table([
    { 'one entry': `table of ${size} nodes`, bytes: columns.toFixed(0), ratio: '1.00x' },
    {
      'one entry': 'plain object',
      bytes: objects.toFixed(0),
      ratio: `${(objects / columns).toFixed(2)}x`,
    },
  ]);
  const rounds = quick ? 1 : 21;
  table([
    { view: 'CLUSTER NODES', ms: msOf(rounds, () => clusterNodesText(example)).toFixed(2) },
    { view: 'CLUSTER SLOTS', ms: msOf(rounds, () => slotsView(example)).toFixed(2) },
    { view: 'CLUSTER SHARDS', ms: msOf(rounds, () => shardsView(example)).toFixed(2) },
  ]);
}
