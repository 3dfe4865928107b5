// The trials see what they are made for: redis-server acknowledges what is lost when it was paused, and for longer than a
// node timeout when it is cut off. Ours must not.

import { describe, expect, it } from 'vitest';
import { describeWithRedis } from '../../../../scripts/testing/real-redis.ts';
import { REPLICATED, type Variant } from '../../bench/support/replicated.ts';
import { redisServer } from '../interop/support/server-process.ts';
import { ReplicaCluster } from '../support/replicas/replica-cluster.ts';
import { cutPrimary } from '../support/replicas/trials/cut-primary.ts';
import { killPrimary } from '../support/replicas/trials/killed-primary.ts';
import { pausePrimary } from '../support/replicas/trials/paused-primary.ts';
import { overlapMs } from '../support/replicas/trials/probe.ts';

async function withCluster(
  { kind, args }: Variant,
  work: (cluster: ReplicaCluster) => Promise<void>,
): Promise<void> {
  const cluster = await ReplicaCluster.start({ kind, args, nodeTimeoutMs: 1000, cuttable: true });
  try {
    await work(cluster);
  } finally {
    await cluster.dispose();
  }
}

const row = (fromMs: number, toMs: number) => ({ fromMs, toMs });

describe('two rows of acknowledged writes', () => {
  it('overlap where both were in the middle of theirs', () => {
    expect(overlapMs([row(0, 10)], [row(10, 20)])).toBe(0);
    expect(overlapMs([row(0, 10)], [row(7, 20)])).toBe(3);
    expect(overlapMs([row(0, 10), row(15, 30)], [row(7, 20), row(29, 40)])).toBe(3 + 5 + 1);
    // One write alone says nothing about a time before or after it.
    expect(overlapMs([row(8, 5)], [row(0, 20)])).toBe(0);
  });
});

describeWithRedis('trials', () => {
  it.each(REPLICATED)('a paused primary of $name', async (variant) => {
    await withCluster(variant, async (cluster) => {
      const before = await cluster.primaryOf(cluster.shards[0]);
      const result = await pausePrimary(cluster, { connections: 4, writesPerConnection: 5 });
      expect(await cluster.primaryOf(cluster.shards[0])).not.toBe(before);
      expect(result.queued).toBe(20);
      expect(result.acknowledged + result.refused).toBe(20);
      if (variant.kind === redisServer) expect(result.acknowledged).toBeGreaterThan(0);
      expect(variant.kind === redisServer ? 0 : result.acknowledged).toBe(result.survived);
    });
  });

  it.each(REPLICATED)('a primary of $name that is cut off', async (variant) => {
    await withCluster(variant, async (cluster) => {
      const result = await cutPrimary(cluster, { leadMs: 300 });
      expect(result.acknowledgedByIsolated).toBeGreaterThan(0);
      expect(result.survived).toBeLessThanOrEqual(result.acknowledgedByIsolated);
      expect(result.takenOverMs).toBeGreaterThan(0);
      expect(result.isolatedTimeouts).toBeGreaterThan(0);
      if (variant.kind === redisServer) return;
      expect(result.isolatedTimeouts).toBeLessThanOrEqual(1);
      expect(result.overlapMs).toBe(0);
    });
  });

  it.each(REPLICATED)('a primary of $name that is killed', async (variant) => {
    await withCluster(variant, async (cluster) => {
      const ms = await killPrimary(cluster, { leadMs: 0, shard: 2 });
      // Nobody doubts it before it has been silent for half a node timeout at least.
      expect(ms).toBeGreaterThan(500);
    });
  });
});
