// A hundred nodes in one process, with real sockets, become one cluster: how long until all agree, what it costs each of
// them, and what an idle node costs afterwards. Where the system allows too few open files, as many nodes as fit.

import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { table } from '../../../scripts/bench-kit.ts';
import { startCluster, type TestCluster } from '../src/testing/index.ts';

const NODES = 100;
const NODES_QUICK = 4;
/** Files that are neither the bus' nor the listeners': clients, saves under way, the runtime's own. */
const SPARE_FILES = 150;
const IDLE_MS = 10_000;
const IDLE_MS_QUICK = 200;

/** Open files that this process may have; Infinity where the system does not tell. */
function openFilesMax(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    const limit = /^Max open files +(\d+)/m.exec(limits)?.[1];
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Each pair of nodes takes four sockets, each node two listeners and one client of ours, which are two more. */
function filesFor(nodes: number): number {
  return 2 * nodes * (nodes - 1) + 4 * nodes + SPARE_FILES;
}

function busBytes(cluster: TestCluster): number {
  return cluster.nodes.reduce((sum, node) => sum + (node.cluster?.bus.sentBytes ?? 0), 0);
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  let nodes = quick ? NODES_QUICK : NODES;
  while (filesFor(nodes) > openFilesMax()) nodes--;
  if (!quick && nodes < NODES) {
    console.log(`The limit of ${openFilesMax()} open files allows ${nodes} nodes, not ${NODES}.`);
  }
  const cpuAtStart = process.cpuUsage();
  const startedMs = performance.now();
  const cluster = await startCluster({ primaries: nodes, timeoutMs: 120_000 });
  try {
    const agreeS = (performance.now() - startedMs) / 1000;
    const formCpuMs = cpuMs(cpuAtStart);
    const formBytes = busBytes(cluster);
    for (const node of cluster.nodes) {
      const topology = node.cluster?.topology;
      if (topology?.size !== nodes || topology.clusterState !== 'ok') {
        throw new Error('a node does not see the whole cluster');
      }
    }
    const idleMs = quick ? IDLE_MS_QUICK : IDLE_MS;
    const cpuAtIdle = process.cpuUsage();
    await delay(idleMs);
    const perNodeAndSecond = (value: number) => value / nodes / (idleMs / 1000);
    table([
      {
        nodes,
        'until all agree': `${agreeS.toFixed(1)} s`,
        'CPU per node': `${(formCpuMs / nodes).toFixed(0)} ms`,
        'bus bytes per node': `${(formBytes / nodes / 1024).toFixed(0)} KiB`,
        'idle, CPU per node': `${perNodeAndSecond(cpuMs(cpuAtIdle)).toFixed(2)} ms/s`,
        'idle, bus bytes per node': `${(perNodeAndSecond(busBytes(cluster) - formBytes) / 1024).toFixed(1)} KiB/s`,
        'memory of the process': `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`,
      },
    ]);
  } finally {
    await cluster.stop();
  }
}
