import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startCluster } from '../../src/testing/index.ts';
import { TestClient } from '../support/client.ts';

describe('startCluster', () => {
  it('starts clusters side by side in one process, each its own', async () => {
    const clusters = await Promise.all([
      startCluster(),
      startCluster({ primaries: 1, directives: { 'lfu-log-factor': '12' } }),
    ]);
    try {
      const [three, one] = clusters;
      expect(three.addresses).toHaveLength(3);
      const client = await TestClient.connect(one.addresses[0].port);
      expect(await client.text('set', 'a', '1')).toBe('OK');
      expect(await client.text('config', 'get', 'lfu-log-factor')).toBe('lfu-log-factor\n12');
      client.close();
      const others = await Promise.all(three.addresses.map(({ port }) => TestClient.connect(port)));
      const replies = await Promise.all(others.map((other) => other.text('get', 'a')));
      expect(replies.filter((reply) => reply === 'null')).toHaveLength(1);
      expect(replies.filter((reply) => /^MOVED 15495 127\.0\.0\.1:/.test(reply))).toHaveLength(2);
      for (const other of others) other.close();
    } finally {
      await Promise.all(clusters.map((cluster) => cluster.stop()));
    }
  });

  it('brings back a node that was killed, as itself', async () => {
    const lines: string[] = [];
    const cluster = await startCluster({
      directives: { 'cluster-node-timeout': '1000' },
      log: (line) => lines.push(line),
    });
    const dir = cluster.nodes[0].config.text('dir');
    try {
      const id = idOf(cluster.nodes[1]);
      await cluster.kill(1);
      const survivor = cluster.nodes[0].cluster?.topology;
      const victim = survivor?.find(id);
      while (victim !== undefined && !survivor?.isFail(victim)) await new Promise(setImmediate);
      await cluster.restart(1);
      expect(idOf(cluster.nodes[1])).toBe(id);
      await cluster.agree();
      expect(lines.some((line) => line.includes(`Marking node ${id} as failing`))).toBe(true);
    } finally {
      await cluster.stop();
    }
    expect(existsSync(dir)).toBe(false);
  });

  it('fails over: a replica serves for a primary that was killed, which comes back as its replica', async () => {
    const cluster = await startCluster({
      primaries: 3,
      replicas: 1,
      directives: { 'cluster-node-timeout': '1000' },
    });
    try {
      expect(cluster.nodes).toHaveLength(6);
      // Slot 0 is the first node's, and the fourth is its replica.
      const writer = await TestClient.connect(cluster.addresses[0].port);
      expect(await writer.text('set', '{06S}', 'kept')).toBe('OK');
      expect(await writer.text('wait', '1', '0')).toBe('1');
      writer.close();
      const oldId = idOf(cluster.nodes[0]);
      await cluster.kill(0);
      const reader = await TestClient.connect(cluster.addresses[3].port);
      // It redirects to the dead one until it has taken its place.
      while ((await reader.text('get', '{06S}')) !== 'kept') await new Promise(setImmediate);
      expect(await reader.text('set', '{06S}', 'changed')).toBe('OK');
      expect(await reader.text('role')).toMatch(/^master/);
      await cluster.restart(0);
      await cluster.agree();
      expect(idOf(cluster.nodes[0])).toBe(oldId);
      expect(await reader.text('wait', '1', '0')).toBe('1');
      reader.close();
      const old = await TestClient.connect(cluster.addresses[0].port);
      expect(await old.text('role')).toMatch(
        new RegExp(`^slave\\n127.0.0.1\n${cluster.addresses[3].port}`),
      );
      expect(await old.text('readonly')).toBe('OK');
      expect(await old.text('get', '{06S}')).toBe('changed');
      old.close();
    } finally {
      await cluster.stop();
    }
  });

  it('leaves nothing behind where it cannot start', async () => {
    const directives = { 'cluster-config-file': '/does/not/exist/nodes.conf' };
    await expect(startCluster({ directives })).rejects.toThrow('No such file or directory');
  });
});

function idOf(node: {
  cluster: { topology: { self: number; idOf(node: never): string } } | null;
}): string {
  const topology = node.cluster?.topology;
  return topology === undefined ? '' : topology.idOf(topology.self as never);
}
