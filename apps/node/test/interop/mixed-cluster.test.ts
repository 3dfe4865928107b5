// Our nodes and the real redis-server in one cluster: they agree, serve each other's keys by redirects, carry each other's
// messages, find each other's failures, and take each other back.

import { keyForSlot } from '@slotmesh/crc16-slots';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeWithRedis, runRedisCli } from '../../../../scripts/testing/real-redis.ts';
import { clientLibraries } from './support/cluster-clients.ts';
import { clusterInfo, clusterNodes, nodeOn } from './support/cluster-view.ts';
import { createByRedisCli, Fleet, formCluster, untilAgreed } from './support/fleet.ts';
import { ours, redisServer, type ServerProcess } from './support/server-process.ts';
import { cluster, withoutComplaint } from './support/tools.ts';
import { eventually } from './support/wait.ts';

/** The flags that `observer` shows for `subject`. */
async function flagsOf(observer: ServerProcess, subject: ServerProcess): Promise<string[]> {
  const { flags } = await nodeOn(observer, subject.port);
  return flags.filter((flag) => flag !== 'myself');
}

async function idOf(server: ServerProcess): Promise<string> {
  return server.text('CLUSTER', 'MYID');
}

describeWithRedis('two real nodes and two of ours', () => {
  const fleet = new Fleet();
  let servers: ServerProcess[];
  let real: ServerProcess[];
  let mine: ServerProcess[];
  const subscribers: Redis[] = [];

  beforeAll(async () => {
    // Alternating, so that neither kind is all of the first or of the last to be met.
    servers = await fleet.start([redisServer, ours, redisServer, ours]);
    real = [servers[0], servers[2]];
    mine = [servers[1], servers[3]];
    withoutComplaint(await createByRedisCli(servers));
  });
  afterEach(() => {
    for (const one of subscribers.splice(0)) one.disconnect();
  });
  afterAll(() => fleet.dispose());

  it('all agree on nodes, slots and epochs', async () => {
    const nodes = await untilAgreed(servers);
    const byPort = new Map(nodes.map((node) => [node.port, node]));
    expect(servers.map(({ port }) => byPort.get(port)?.slots)).toEqual([
      '0-4095',
      '4096-8191',
      '8192-12287',
      '12288-16383',
    ]);
    for (const { address } of servers) await cluster('check', address);
  });

  it('all give the same CLUSTER SLOTS and CLUSTER SHARDS', async () => {
    await untilAgreed(servers);
    const [slots, shards] = await Promise.all([
      Promise.all(servers.map((server) => server.call('CLUSTER', 'SLOTS'))),
      Promise.all(servers.map((server) => server.call('CLUSTER', 'SHARDS'))),
    ]);
    for (const [i, { address }] of servers.entries()) {
      expect(slots[i], address).toEqual(slots[0]);
      // The order of the shards is each server's own; offsets are the only thing that moves.
      expect(normalShards(shards[i]), address).toEqual(normalShards(shards[0]));
    }
  });

  it('keys are reached through any node', async () => {
    const keys = Array.from({ length: 64 }, (_, i) => keyForSlot(i * 256, 'key:'));
    for (const [i, { port }] of servers.entries()) {
      const cli = ['-c', '-p', String(port)];
      const set = await runRedisCli(cli, {
        input: keys.map((key) => `SET ${key} set-at-${i}\n`).join(''),
      });
      expect(set.stdout.match(/^OK$/gm)).toHaveLength(keys.length);
      const reader = servers[(i + 1) % servers.length];
      const get = await runRedisCli(['-c', '-p', String(reader.port)], {
        input: keys.map((key) => `GET ${key}\n`).join(''),
      });
      expect(get.stdout.match(new RegExp(`^"?set-at-${i}"?$`, 'gm'))).toHaveLength(keys.length);
    }
    expect(await Promise.all(servers.map((server) => server.call('DBSIZE')))).toEqual([
      16, 16, 16, 16,
    ]);
  });

  for (const library of clientLibraries) {
    it(`${library.name} reads and writes all slots, starting from either kind`, async () => {
      for (const { port } of servers.slice(0, 2)) {
        const client = await library.connect(port);
        const keys = Array.from({ length: 32 }, (_, i) => keyForSlot(i * 512, `${port}:`));
        await Promise.all(keys.map((key) => client.set(key, key)));
        expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys);
        await client.quit();
        expect(client.errors).toEqual([]);
      }
    });
  }

  it('PUBLISH crosses from every node to every node', async () => {
    const got: string[] = [];
    for (const { port, address } of servers) {
      const subscriber = new Redis({ port, host: '127.0.0.1' });
      subscribers.push(subscriber);
      subscriber.on('messageBuffer', (_channel, message: Buffer) => {
        got.push(`${address} got ${message.toString('latin1')}`);
      });
      await subscriber.subscribe('news');
    }
    for (const server of servers) await server.call('PUBLISH', 'news', `from ${server.port}`);
    const expected = servers.flatMap(({ address }) =>
      servers.map(({ port }) => `${address} got from ${port}`),
    );
    await eventually('every subscriber got every message', () => {
      expect([...got].sort()).toEqual(expected.sort());
    });
  });

  it('PUBLISH carries any bytes, both ways', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i & 0xff));
    for (const [from, to] of [
      [real[0], mine[0]],
      [mine[0], real[0]],
    ]) {
      const publisher = new Redis({ port: from.port, host: '127.0.0.1' });
      const subscriber = new Redis({ port: to.port, host: '127.0.0.1' });
      subscribers.push(publisher, subscriber);
      const got: Buffer[] = [];
      subscriber.on('messageBuffer', (_channel, message: Buffer) => got.push(message));
      await subscriber.subscribe('bytes');
      await publisher.publish('bytes', bytes);
      await eventually('the message came', () => expect(got).toHaveLength(1));
      expect(bytes.equals(got[0])).toBe(true);
    }
  });

  it('sharded channels belong to their slot, whoever is asked', async () => {
    await untilAgreed(servers);
    for (const [slot, owner] of [[5000, mine[0]] as const, [9000, real[1]] as const]) {
      const channel = keyForSlot(slot, 'room:');
      for (const server of servers.filter((one) => one !== owner)) {
        for (const command of ['SPUBLISH', 'SSUBSCRIBE']) {
          const args = command === 'SPUBLISH' ? [channel, 'hello'] : [channel];
          await expect(server.call(command, ...args)).rejects.toThrow(
            `MOVED ${slot} ${owner.address}`,
          );
        }
      }
      const subscriber = new Redis({ port: owner.port, host: '127.0.0.1' });
      subscribers.push(subscriber);
      const got: string[] = [];
      subscriber.on('smessage', (_channel, message) => got.push(message));
      await subscriber.ssubscribe(channel);
      expect(await owner.call('SPUBLISH', channel, 'hello')).toBe(1);
      await eventually('the subscriber got it', () => expect(got).toEqual(['hello']));
    }
  });

  describe.each([
    { what: 'a real primary', pick: () => real[0] },
    { what: 'one of our primaries', pick: () => mine[1] },
  ])('when $what is killed', ({ pick }) => {
    it('the others report it, mark it as failed, and take it back', async () => {
      await untilAgreed(servers);
      const victim = pick();
      const others = servers.filter((server) => server !== victim);
      const id = await idOf(victim);
      const before = (await clusterNodes(victim)).find((node) => node.port === victim.port);
      await victim.kill('SIGKILL');

      // Each of the three primaries left must say so to the others, or nobody would have a majority.
      const reportsMax = new Map<ServerProcess, number>();
      await eventually('everyone marks it as failed', async () => {
        for (const server of others) {
          const reports = Number(await server.call('CLUSTER', 'COUNT-FAILURE-REPORTS', id));
          reportsMax.set(server, Math.max(reports, reportsMax.get(server) ?? 0));
        }
        const flags = await Promise.all(others.map((server) => flagsOf(server, victim)));
        expect(flags).toEqual(others.map(() => ['master', 'fail']));
        expect(Math.max(...reportsMax.values())).toBeGreaterThanOrEqual(2);
      });
      await eventually('without its slots nobody serves', async () => {
        const infos = await Promise.all(others.map(clusterInfo));
        expect(infos.map((info) => info.get('cluster_state'))).toEqual(others.map(() => 'fail'));
        expect(infos.map((info) => info.get('cluster_slots_fail'))).toEqual(
          others.map(() => '4096'),
        );
      });
      for (const server of others) {
        await expect(server.call('GET', keyForSlot(0))).rejects.toThrow(
          'CLUSTERDOWN The cluster is down',
        );
      }

      await victim.start();
      const nodes = await untilAgreed(servers);
      const after = nodes.find((node) => node.port === victim.port);
      expect(after).toMatchObject({
        id,
        slots: before?.slots,
        configEpoch: before?.configEpoch,
        flags: expect.arrayContaining(['master']),
      });
      await eventually('the reports are withdrawn', async () => {
        for (const server of servers) {
          expect(await server.call('CLUSTER', 'COUNT-FAILURE-REPORTS', id)).toBe(0);
        }
      });
      const cli = await runRedisCli(['-c', '-p', String(others[0].port)], {
        input: `SET ${keyForSlot(0)} back\nSET ${keyForSlot(16383)} back\n`,
      });
      expect(cli.stdout.match(/^OK$/gm)).toHaveLength(2);
    });
  });
});

describeWithRedis('three real nodes and two of ours', () => {
  const fleet = new Fleet();
  let servers: ServerProcess[];
  beforeAll(async () => {
    servers = await fleet.start([redisServer, redisServer, redisServer, ours, ours]);
    await formCluster(servers);
  });
  afterAll(() => fleet.dispose());

  it('redis-cli is content', async () => {
    const stdout = await cluster('check', servers[4].address);
    expect(stdout).toContain('[OK] All nodes agree about slots configuration.');
    expect(stdout).toContain('[OK] All 16384 slots covered.');
  });

  it("our nodes show a real primary's replica, and its failure", async () => {
    const [primary] = servers;
    const [replica] = await fleet.start([redisServer]);
    await replica.call('CLUSTER', 'MEET', '127.0.0.1', primary.port);
    const everyone = [...servers, replica];
    await untilAgreed(everyone);
    await replica.call('CLUSTER', 'REPLICATE', await idOf(primary));
    const nodes = await eventually('everyone shows the replica', async () => {
      const agreed = await untilAgreed(everyone);
      expect(agreed.find(({ port }) => port === replica.port)?.primaryId).toBe(await idOf(primary));
      return agreed;
    });
    expect(nodes.filter(({ primaryId }) => primaryId !== '-')).toHaveLength(1);
    for (const server of servers.slice(3)) {
      const lines = await server.call('CLUSTER', 'REPLICAS', await idOf(primary));
      expect(lines).toHaveLength(1);
      // A replica counts as one when its offset is known to have moved.
      await eventually('CLUSTER SLOTS offers the replica', async () => {
        await primary.call('SET', keyForSlot(0), 'x');
        const slots = (await server.call('CLUSTER', 'SLOTS')) as [number, number, ...unknown[]][];
        const range = slots.find(([start]) => start === 0);
        expect(range?.slice(2)).toEqual([
          ['127.0.0.1', primary.port, await idOf(primary), []],
          ['127.0.0.1', replica.port, await idOf(replica), []],
        ]);
      });
    }

    await replica.kill('SIGKILL');
    await eventually('everyone marks the replica as failed', async () => {
      const flags = await Promise.all(servers.map((server) => flagsOf(server, replica)));
      expect(flags).toEqual(servers.map(() => ['slave', 'fail']));
    });
    const infos = await Promise.all(servers.map(clusterInfo));
    expect(infos.map((info) => info.get('cluster_state'))).toEqual(servers.map(() => 'ok'));
    await replica.start();
    await untilAgreed(everyone);
  });
});

/** CLUSTER SHARDS without what differs by nature: the order of shards and fields, and offsets. */
function normalShards(reply: unknown): unknown {
  return (reply as unknown[][])
    .map((shard) => {
      const [, slots, , nodes] = shard as [string, number[], string, unknown[][]];
      return {
        slots,
        nodes: nodes.map((fields) => {
          const node = new Map<unknown, unknown>();
          for (let i = 0; i < fields.length; i += 2) node.set(fields[i], fields[i + 1]);
          node.delete('replication-offset');
          return Object.fromEntries([...node].sort());
        }),
      };
    })
    .sort((a, b) => a.slots[0] - b.slots[0]);
}
