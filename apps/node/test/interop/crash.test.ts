// A node may be killed at any moment, without warning. After a restart it is who it was, and owns what it said it owned:
// whatever a client was told has been written before.

import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { SlotSet } from '@slotmesh/crc16-slots';
import { type Random, seededRandom } from '@slotmesh/machine';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithRedis } from '../../../../scripts/testing/real-redis.ts';
import {
  type ClusterNode,
  clusterNodes,
  myself,
  parseClusterNodes,
} from './support/cluster-view.ts';
import { createByRedisCli, Fleet, formCluster, untilAgreed } from './support/fleet.ts';
import { ConnectionLostError, RespConnection } from './support/resp-connection.ts';
import { ours, type ServerProcess } from './support/server-process.ts';

/** The moments of the kills differ from run to run; a failure names the seed, which repeats the delays. */
const seed = Number(process.env.SLOTMESH_CRASH_SEED ?? Date.now() % 1_000_000);
const random: Random = seededRandom(seed);
const title = (text: string): string => `${text} (seed ${seed})`;

describeWithRedis(title('a node that is killed while an operator works on it'), () => {
  const fleet = new Fleet();
  let victim: ServerProcess;
  let peer: ServerProcess;
  beforeAll(async () => {
    [victim, peer] = await fleet.start([ours, ours]);
    await victim.call('CLUSTER', 'MEET', '127.0.0.1', peer.port);
  });
  afterAll(() => fleet.dispose());

  it('keeps what it has acknowledged, twelve times', async () => {
    const { id } = await myself(victim);
    let slots = SlotSet.EMPTY;
    let epoch = 0;
    for (let round = 0; round < 12; round++) {
      const killed = delay(random.below(120)).then(() => victim.kill('SIGKILL'));
      /** The change that was asked for when the node died: it may have been made or not. */
      let inFlight = slots;
      try {
        for (;;) {
          const slot = random.below(16_384);
          const owned = slots.has(slot);
          inFlight = owned ? slots.without(slot) : slots.with(slot);
          await victim.call('CLUSTER', owned ? 'DELSLOTS' : 'ADDSLOTS', slot);
          slots = inFlight;
          if (random.below(4) > 0) continue;
          await peer.call('CLUSTER', 'BUMPEPOCH');
          const [, bumped] = (await victim.text('CLUSTER', 'BUMPEPOCH')).split(' ');
          epoch = Math.max(epoch, Number(bumped));
        }
      } catch (error) {
        if (!(error instanceof ConnectionLostError)) throw error;
      }
      await killed;
      await victim.start();
      const now = await myself(victim);
      expect(now.id).toBe(id);
      expect([slots.toString(), inFlight.toString()], `round ${round}`).toContain(now.slots);
      expect(now.configEpoch, `round ${round}`).toBeGreaterThanOrEqual(epoch);
      slots = SlotSet.parse(now.slots);
      epoch = now.configEpoch;
    }
    expect(slots.count).toBeGreaterThan(0);
  });
});

describeWithRedis('a node that is killed as soon as somebody sees a change', () => {
  const fleet = new Fleet();
  let victim: ServerProcess;
  beforeAll(async () => {
    [victim] = await fleet.start([ours]);
  });
  afterAll(() => fleet.dispose());

  it('keeps the change, though whoever ordered it was not answered yet', async () => {
    for (let slot = 0; slot < 20; slot += 2) {
      const operator = await RespConnection.open(victim.port);
      const observer = await RespConnection.open(victim.port);
      operator.call('CLUSTER', 'ADDSLOTS', slot).catch(() => {});
      const owned = async (): Promise<SlotSet> => {
        const [node] = parseClusterNodes(String(await observer.call('CLUSTER', 'NODES')));
        return SlotSet.parse(node.slots);
      };
      while (!(await owned()).has(slot)) {}
      await victim.kill('SIGKILL');
      await victim.start();
      expect(SlotSet.parse((await myself(victim)).slots).has(slot), `slot ${slot}`).toBe(true);
      operator.close();
      observer.close();
    }
  });
});

describeWithRedis(title('a node that is killed while redis-cli creates the cluster'), () => {
  it.each([1, 2, 3])('keeps what it has shown, and the cluster can be completed (%i)', async () => {
    const fleet = new Fleet();
    try {
      const servers = await fleet.start([ours, ours, ours]);
      const shares = ['0-5460', '5461-10922', '10923-16383'];
      const index = random.below(3);
      const victim = servers[index];
      let shown: ClusterNode[] = await clusterNodes(victim);
      let watching = true;
      const watched = (async () => {
        while (watching) shown = await clusterNodes(victim);
      })().catch(() => {});

      // redis-cli may wait for ever for a cluster that does not come together.
      const created = createByRedisCli(servers, { timeoutMs: 4000 });
      await delay(random.below(1500));
      await victim.kill('SIGKILL');
      watching = false;
      await watched;
      await victim.start();

      const before = shown.find(({ flags }) => flags.includes('myself'))!;
      const after = await clusterNodes(victim);
      const self = after.find(({ flags }) => flags.includes('myself'))!;
      expect(self.id).toBe(before.id);
      expect(before.slots === '' ? ['', shares[index]] : [before.slots]).toContain(self.slots);
      expect(self.configEpoch).toBeGreaterThanOrEqual(before.configEpoch);
      const met = shown.filter(({ flags }) => !flags.includes('handshake'));
      expect(after.map((node) => node.id)).toEqual(
        expect.arrayContaining(met.map((node) => node.id)),
      );

      await created;
      for (const [i, server] of servers.entries()) {
        await servers[0].call('CLUSTER', 'MEET', '127.0.0.1', server.port);
        if ((await myself(server)).slots !== '') continue;
        await server.call('CLUSTER', 'ADDSLOTSRANGE', ...shares[i].split('-'));
      }
      const nodes = await untilAgreed(servers);
      expect(nodes.find(({ port }) => port === victim.port)?.id).toBe(before.id);
    } finally {
      await fleet.dispose();
    }
  });
});

describeWithRedis(title('members of a cluster that are killed and started again'), () => {
  const fleet = new Fleet();
  let servers: ServerProcess[];
  beforeAll(async () => {
    servers = await fleet.start([ours, ours, ours]);
    await formCluster(servers);
  });
  afterAll(() => fleet.dispose());

  it('come back with their ids, slots and epochs, all at once too', async () => {
    const lasting = (nodes: readonly ClusterNode[]): unknown[] =>
      nodes
        .map(({ id, address, configEpoch, slots }) => ({ id, address, configEpoch, slots }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    const before = lasting(await untilAgreed(servers));
    for (let i = 0; i < 4; i++) {
      const victim = servers[random.below(3)];
      await delay(random.below(300));
      await victim.kill('SIGKILL');
      await victim.start();
      expect(lasting(await clusterNodes(victim))).toEqual(before);
    }
    await Promise.all(servers.map((server) => server.kill('SIGKILL')));
    await Promise.all(servers.map((server) => server.start()));
    expect(lasting(await untilAgreed(servers))).toEqual(before);
  });

  it('leave no temporary files behind', () => {
    for (const { directory } of servers) {
      expect(readdirSync(directory.path).filter((name) => /tmp|temp/.test(name))).toEqual([]);
    }
  });
});
