// How much virtual time of a ten-node cluster one second of one core takes, with faults, operators,
// clients and all invariants on. Every message costs about the same, and the node timeout decides how
// many there are.

import assert from 'node:assert/strict';
import { type TableRow, table } from '../../../scripts/bench-kit.ts';
import { optionsOf, type RunResult, Simulation, type SimulationOptions } from '../src/index.ts';

const NODES = 10;

/** A run with everything on. */
function busy(nodeTimeoutMs: number, faultyMs: number): SimulationOptions {
  const wild = (name: string, everyMs: number, options: object) => ({ name, everyMs, options });
  return optionsOf(1, {
    nodes: NODES,
    voters: NODES,
    start: 'files',
    faultyMs,
    codec: false,
    cluster: { nodeTimeoutMs, lease: true, requireFullCoverage: true, blacklistTtlS: 5 },
    delay: { minMs: 1, meanMs: 2 },
    faults: [
      wild('partition', 10_000, { modes: ['isolate', 'halves'], timeoutsMax: 2 }),
      wild('crash', 20_000, { powerLoss: 0.5, nodesMax: 2, timeoutsMax: 2 }),
      wild('pause', 10_000, { nodesMax: 2, timeoutsMax: 1 }),
      wild('reset', 2000, { connectionsMax: 5, halfOpen: 0.5 }),
    ],
    operators: {
      actions: ['bumpepoch', 'addslots', 'delslots', 'meet'],
      everyMs: 5000,
      stepMs: 100,
      interruption: 0.1,
    },
    workloads: [wild('writes', 100, { slots: 64 })],
  });
}

function row(nodeTimeoutMs: number, faultyMs: number): TableRow {
  const before = process.cpuUsage();
  const result: RunResult = new Simulation(busy(nodeTimeoutMs, faultyMs)).run();
  const { user, system } = process.cpuUsage(before);
  assert.equal(result.failure, null);
  const seconds = result.simulatedMs / 1000;
  return {
    'node timeout': `${nodeTimeoutMs} ms`,
    'simulated s': seconds.toFixed(0),
    'events per simulated s': (result.events / seconds).toFixed(0),
    'simulated s per CPU s': (seconds / ((user + system) / 1e6)).toFixed(0),
  };
}

export async function run({ quick }: { readonly quick: boolean }): Promise<void> {
  const faultyMs = quick ? 5000 : 300_000;
  row(2000, Math.min(faultyMs, 30_000));
  console.log(`${NODES} nodes, faults, operators, clients and invariants on:`);
  table([1000, 2000, 5000, 15_000].map((timeoutMs) => row(timeoutMs, faultyMs)));
}
