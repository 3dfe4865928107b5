// A hundred nodes in one process become one cluster: with real sockets on the loopback address, each with its own table,
// rules and file. What is measured is what the bus costs when everybody must talk to everybody: until all agree, and in a
// steady window after it.

import { setTimeout as delay } from 'node:timers/promises';
import { table } from '../../../scripts/bench-kit.ts';
import { startCluster, type TestCluster } from '../src/testing/index.ts';

/** The default of redis-server and of ours. */
const NODE_TIMEOUT_MS = 15_000;
const AGREE_TIMEOUT_MS = 300_000;

/** Sums over all nodes, and of the process, since the start. */
interface Totals {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly sentBytes: number;
  readonly sentMessages: number;
}

/** Prints what it took to agree, what the steady cluster takes, and the memory. */
export async function run({ quick }: { quick: boolean }): Promise<void> {
  const nodes = quick ? 5 : 100;
  const windowMs = quick ? 200 : 30_000;
  const rssBefore = process.memoryUsage.rss();

  let started = 0;
  let joining: Totals = totals([]);
  const cluster = await startCluster({
    primaries: nodes,
    directives: { 'cluster-node-timeout': String(NODE_TIMEOUT_MS) },
    timeoutMs: AGREE_TIMEOUT_MS,
    log: (line) => {
      // When the last one is up they begin to meet.
      if (line.includes('Ready to accept connections') && ++started === nodes) joining = totals([]);
    },
  });
  try {
    const agreed = totals(cluster.nodes);
    assertAgreement(cluster, nodes);
    await delay(windowMs);
    const later = totals(cluster.nodes);
    assertAgreement(cluster, nodes);
    table([
      { phase: `until ${nodes} nodes agree`, ...difference(joining, agreed, nodes) },
      { phase: 'steady', ...difference(agreed, later, nodes) },
    ]);
    const grownMb = (process.memoryUsage.rss() - rssBefore) / 2 ** 20;
    console.log(`memory: ${(grownMb / nodes).toFixed(2)} MB per node (resident)`);
  } finally {
    await cluster.stop();
  }
}

function totals(nodes: TestCluster['nodes']): Totals {
  const { user, system } = process.cpuUsage();
  let sentBytes = 0;
  let sentMessages = 0;
  for (const { cluster } of nodes) {
    if (cluster === null) continue;
    sentBytes += cluster.bus.sentBytes;
    for (const { sent } of cluster.messageCounts()) sentMessages += sent;
  }
  return { atMs: performance.now(), cpuMs: (user + system) / 1000, sentBytes, sentMessages };
}

function difference(before: Totals, after: Totals, nodes: number): Record<string, string> {
  const seconds = (after.atMs - before.atMs) / 1000;
  const bytes = (after.sentBytes - before.sentBytes) / nodes;
  const messages = (after.sentMessages - before.sentMessages) / nodes;
  const cpuMs = (after.cpuMs - before.cpuMs) / nodes;
  return {
    'time s': seconds.toFixed(2),
    'CPU ms/node': cpuMs.toFixed(1),
    'CPU %/node': (cpuMs / seconds / 10).toFixed(2),
    'sent kB/node': (bytes / 1000).toFixed(0),
    'kB/s/node': (bytes / 1000 / seconds).toFixed(1),
    'messages/node': messages.toFixed(0),
    'messages/s/node': (messages / seconds).toFixed(1),
  };
}

/** All know all, with the same slots and epochs, and nobody is in doubt. */
function assertAgreement({ nodes }: TestCluster, count: number): void {
  const views = new Set<string>();
  for (const { cluster, port } of nodes) {
    if (cluster === null) throw new Error(`the node on ${port} has no cluster`);
    const { topology } = cluster;
    const lines: string[] = [];
    for (const node of topology.nodes()) {
      lines.push(
        `${topology.idOf(node)} ${topology.configEpochOf(node)} ${topology.slotsOf(node)}`,
      );
    }
    if (lines.length !== count) throw new Error(`the node on ${port} knows ${lines.length}`);
    views.add(lines.sort().join('\n'));
  }
  if (views.size !== 1) throw new Error(`${views.size} different views of one cluster`);
}
