// A cluster with replicas as an operator makes it and keeps it: redis-cli creates it, a primary dies under the load of an
// application, comes back as a replica, and hands over on demand.

import { afterEach, describe, expect, it } from 'vitest';
import { describeWithRedis, runRedisCli } from '../../../../scripts/testing/real-redis.ts';
import { Load } from '../support/replicas/load/load.ts';
import { readBack } from '../support/replicas/oracle/read-back.ts';
import { ReplicaCluster } from '../support/replicas/replica-cluster.ts';
import { replicationState } from '../support/replicas/replication-state.ts';
import { type ClusterClient, clientLibraries } from './support/cluster-clients.ts';
import { Fleet, untilAgreed } from './support/fleet.ts';
import { ours } from './support/server-process.ts';
import { cluster as clusterTool, withoutComplaint } from './support/tools.ts';
import { eventually } from './support/wait.ts';

describeWithRedis('redis-cli --cluster create with replicas', () => {
  const fleet = new Fleet();
  afterEach(() => fleet.dispose());

  it('makes three primaries with a replica each, and check finds nothing wrong', async () => {
    const servers = await fleet.start([ours, ours, ours, ours, ours, ours]);
    const addresses = servers.map(({ address }) => address);
    const created = await runRedisCli(
      ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes'],
      { timeoutMs: 90_000 },
    );
    // All nodes are on one host, of which it warns; nothing else may be wrong.
    const stdout = created.stdout.replace(
      /^.*\[WARNING\] Some slaves are in the same host.*$/m,
      '',
    );
    withoutComplaint({ ...created, stdout });
    const nodes = await untilAgreed(servers);
    const primaries = nodes.filter(({ primaryId }) => primaryId === '-');
    expect(primaries).toHaveLength(3);
    const followed = nodes.map(({ primaryId }) => primaryId).filter((id) => id !== '-');
    expect(followed.sort()).toEqual(primaries.map(({ id }) => id).sort());
    await eventually('all links are up', async () => {
      const states = await Promise.all(servers.map(replicationState));
      for (const { role, linkUp } of states) if (role === 'replica') expect(linkUp).toBe(true);
    });
    const text = await clusterTool('check', addresses[5]);
    expect(text).toContain('[OK] All nodes agree about slots configuration.');
    expect(text).toContain('[OK] All 16384 slots covered.');
    expect(text.match(/1 additional replica\(s\)/g)).toHaveLength(3);
  });
});

describe('a cluster with replicas', () => {
  let cluster: ReplicaCluster | null = null;
  afterEach(() => cluster?.dispose());

  it('goes on for ioredis after kill -9 of a primary, which comes back as an equal replica', async () => {
    cluster = await ReplicaCluster.start({ kind: ours, nodeTimeoutMs: 1000 });
    const [victim] = await cluster.primariesNow();
    const ioredis = clientLibraries.find(({ name }) => name === 'ioredis')!;
    const client = await ioredis.connect(victim.server.port);
    const writer = new ApplicationWriter(client);
    await eventually('all slots are written', () => expect(writer.count).toBeGreaterThan(50));

    await cluster.kill(victim);
    const heir = await cluster.untilReplaced(victim);
    const atTakeover = writer.count;
    await eventually('writes go on', () => expect(writer.count).toBeGreaterThan(atTakeover + 50));
    await cluster.restart(victim);
    await cluster.untilSettled();
    await writer.stop();
    await client.quit();
    await cluster.untilSettled({ atRest: true });

    expect((await replicationState(victim.server)).role).toBe('replica');
    const digest = await heir.server.text('DEBUG', 'DIGEST');
    expect(digest).not.toBe('0'.repeat(40));
    expect(await victim.server.text('DEBUG', 'DIGEST')).toBe(digest);
  });

  it('hands over by CLUSTER FAILOVER under load, and no acknowledged write is lost', async () => {
    cluster = await ReplicaCluster.start({ kind: ours, primaries: 3, nodeTimeoutMs: 2000 });
    const load = await Load.start(cluster, { prefix: 'handed-over', writers: 10 });
    const acknowledged = () => load.history.count('acknowledged');
    await eventually('much is written', () => expect(acknowledged()).toBeGreaterThan(200));
    for (const shard of cluster.shards) {
      const [, replica] = shard.members;
      expect(await replica.server.call('CLUSTER', 'FAILOVER')).toBe('OK');
      await eventually('the replica is the primary', async () => {
        expect(await cluster?.primaryOf(shard)).toBe(replica);
      });
    }
    const before = acknowledged();
    await eventually('it goes on', () => expect(acknowledged()).toBeGreaterThan(before + 200));
    const { writes } = await load.stop();
    await cluster.untilSettled({ atRest: true });

    const places = cluster.shards.map((shard) => {
      const primaryPort = shard.members[1].server.port;
      return { shard, primaryPort };
    });
    const { present, wrong } = await readBack(writes, places);
    expect(wrong).toEqual([]);
    const lost = writes.filter((write) => write.outcome === 'acknowledged' && !present.has(write));
    expect(lost).toEqual([]);
  });
});

/** Writes keys of all slots one after the other; a write that the library gives up is not counted. */
class ApplicationWriter {
  count = 0;
  #stopping = false;
  readonly #running: Promise<void>;

  constructor(client: ClusterClient) {
    this.#running = this.#run(client);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #run(client: ClusterClient): Promise<void> {
    for (let n = 0; !this.#stopping; n++) {
      const written = await client.set(`application:${n}`, `${n}`).catch(() => null);
      if (written === 'OK') this.count++;
      else await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
