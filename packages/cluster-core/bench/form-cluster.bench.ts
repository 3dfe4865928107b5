// A cluster of many ClusterCores in virtual time: how long it takes to agree, what that costs, and
// what a cluster at rest costs, with and without the pings of the write lease. All nodes share one
// process and one thread, so the CPU is that of all of them; messages are not encoded (see the
// bench of cluster-bus for that).

import assert from 'node:assert/strict';
import { type TableRow, table } from '../../../scripts/bench-kit.ts';
import { createCluster, tablesAgree } from '../test/support/convergence.ts';
import { SimCluster } from '../test/support/sim-cluster.ts';

const NODE_TIMEOUT_MS = 15_000;

interface Cost {
  readonly cpuMs: number;
  readonly messages: number;
}

function measure(sim: SimCluster, work: () => void): Cost {
  const messages = sim.messagesDelivered;
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000, messages: sim.messagesDelivered - messages };
}

function form(size: number, lease: boolean, restMs: number): TableRow[] {
  const cluster = { nodeTimeoutMs: NODE_TIMEOUT_MS, lease };
  const sim = new SimCluster(size, { cluster, checkEvery: Number.MAX_SAFE_INTEGER });
  createCluster(sim);
  const startMs = sim.nowMs;
  const forming = measure(sim, () => {
    while (!tablesAgree(sim.nodes)) {
      assert.ok(sim.nowMs - startMs < 120_000, `no agreement\n${sim.describe()}`);
      sim.run(500);
    }
  });
  const formedMs = sim.nowMs - startMs;
  sim.run(NODE_TIMEOUT_MS);
  assert.ok(sim.nodes.every((node) => node.state === 'ok'));
  const resting = measure(sim, () => sim.run(restMs));
  assert.ok(tablesAgree(sim.nodes));
  const row = (phase: string, ms: number, cost: Cost): TableRow => ({
    nodes: size,
    lease: lease ? 'on' : 'off',
    phase,
    'virtual s': (ms / 1000).toFixed(1),
    'messages/node/s': (cost.messages / size / (ms / 1000)).toFixed(1),
    'CPU us/message': ((cost.cpuMs * 1000) / cost.messages).toFixed(1),
    'CPU ms/node/s': (cost.cpuMs / size / (ms / 1000)).toFixed(2),
  });
  return [row('forming', formedMs, forming), row('at rest', restMs, resting)];
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const sizes = quick ? [5] : [10, 100];
  const restMs = quick ? 2000 : 60_000;
  const rows = sizes.flatMap((size) => [true, false].flatMap((lease) => form(size, lease, restMs)));
  console.log('Clusters in virtual time, all nodes primaries with slots, node timeout 15 s');
  table(rows);
}
