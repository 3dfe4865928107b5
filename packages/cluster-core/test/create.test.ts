import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import { converge, createCluster } from './support/convergence.ts';
import { SimCluster } from './support/sim-cluster.ts';

describe('a cluster is created', () => {
  for (const size of [3, 6, 10, 30]) {
    it(`of ${size} nodes that all meet the first one`, () => {
      const sim = new SimCluster(size, { codec: size <= 6 });
      createCluster(sim);
      const ms = converge(sim);
      assert.ok(ms < 20_000, `took ${ms} ms`);
      sim.runUntil('state ok', () => sim.nodes.every((node) => node.state === 'ok'), 10_000);
      for (const node of sim.nodes) {
        node.core.invariants();
        expect(node.topology.addressOf(node.topology.self).host).toBe(node.host);
      }
    });
  }
});
