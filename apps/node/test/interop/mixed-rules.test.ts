// The rules that two implementations must read alike, each tried in both directions: who wins a config epoch, who keeps a
// slot, who is where, who is gone.

import { keyForSlot, SlotSet } from '@slotmesh/crc16-slots';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeWithRedis } from '../../../../scripts/testing/real-redis.ts';
import { clusterNodes, myself, nodeOn } from './support/cluster-view.ts';
import { Fleet, formClusterByHand, untilAgreed } from './support/fleet.ts';
import { ours, redisServer, type ServerProcess } from './support/server-process.ts';
import { cluster } from './support/tools.ts';
import { eventually } from './support/wait.ts';

describeWithRedis('a mixed cluster, joined by hand', () => {
  const fleet = new Fleet();
  let servers: ServerProcess[];
  let real: ServerProcess[];
  let mine: ServerProcess[];

  beforeAll(async () => {
    servers = await fleet.start([ours, redisServer, ours, redisServer]);
    mine = [servers[0], servers[2]];
    real = [servers[1], servers[3]];
    // All start with config epoch 0: every pair collides, and only the rule about ids takes them apart.
    await formClusterByHand(servers);
  });
  afterEach(async () => {
    for (const server of servers) {
      if (server.isRunning) server.resume();
      else await server.start(); // one failure is enough
    }
  });
  afterAll(() => fleet.dispose());

  it('takes colliding config epochs apart', async () => {
    const nodes = await untilAgreed(servers);
    expect(new Set(nodes.map((node) => node.configEpoch)).size).toBe(4);
  });

  it('settles on one epoch for each when all bump at once', async () => {
    const before = await untilAgreed(servers);
    await Promise.all(servers.map((server) => server.call('CLUSTER', 'BUMPEPOCH')));
    const after = await untilAgreed(servers);
    const highest = Math.max(...before.map((node) => node.configEpoch));
    expect(Math.max(...after.map((node) => node.configEpoch))).toBeGreaterThan(highest);
  });

  const directions = [
    { who: 'one of ours', pick: () => [mine[1], real[0]] },
    { who: 'a real node', pick: () => [real[1], mine[0]] },
  ];

  describe.each(directions)('$who', ({ pick }) => {
    it('gives up a slot that was claimed with a higher epoch while it was away', async () => {
      const [absent, claimant] = pick();
      const { slots } = await myself(absent);
      const [{ start: slot }] = SlotSet.parse(slots).ranges();
      await absent.kill('SIGKILL');
      await claimant.call('CLUSTER', 'DELSLOTS', slot);
      await claimant.call('CLUSTER', 'ADDSLOTS', slot);
      // Another's epoch may be the higher one by now; a bump that changes nothing says STILL.
      await claimant.call('CLUSTER', 'BUMPEPOCH');
      const others = servers.filter((server) => server !== absent);
      await eventually('the others believe the claimant', async () => {
        for (const server of others) {
          const { slots: claimed } = await nodeOn(server, claimant.port);
          expect(SlotSet.parse(claimed).has(slot)).toBe(true);
        }
      });

      await absent.start();
      await untilAgreed(servers);
      expect(SlotSet.parse((await nodeOn(absent, claimant.port)).slots).has(slot)).toBe(true);
      await expect(absent.call('GET', keyForSlot(slot))).rejects.toThrow(
        `MOVED ${slot} ${claimant.address}`,
      );
    });

    it('is found again at another port', async () => {
      const [moved] = pick();
      const before = await myself(moved);
      await moved.kill('SIGTERM');
      await moved.moveToFreePort();
      await moved.start();
      await untilAgreed(servers);
      for (const server of servers) {
        expect(await nodeOn(server, moved.port)).toMatchObject({
          id: before.id,
          slots: before.slots,
          busPort: moved.port + 10_000,
        });
      }
    });

    it('that stands still is marked as failed, and taken back when it moves again', async () => {
      const [still] = pick();
      const others = servers.filter((server) => server !== still);
      still.pause();
      await eventually('the others mark it as failed', async () => {
        for (const server of others) {
          expect((await nodeOn(server, still.port)).flags).toContain('fail');
        }
      });
      still.resume();
      await untilAgreed(servers);
    });
  });

  // redis-server acknowledges such a write, and loses it where a replica was elected meanwhile.
  it.skipIf(ours === redisServer)(
    'one of ours that stood still refuses what came meanwhile',
    async () => {
      const [still] = mine;
      const others = servers.filter((server) => server !== still);
      const [{ start: slot }] = SlotSet.parse((await myself(still)).slots).ranges();
      const key = keyForSlot(slot, 'late:');
      expect(await still.call('SET', key, 'before')).toBe('OK');
      still.pause();
      const answer = still.call('SET', key, 'meanwhile').catch(String);
      await eventually('the others mark it as failed', async () => {
        for (const server of others) {
          expect((await nodeOn(server, still.port)).flags).toContain('fail');
        }
      });
      still.resume();
      expect(await answer).toMatch(/CLUSTERDOWN/);
      await untilAgreed(servers);
      expect(await still.call('GET', key)).toBe('before');
    },
  );

  it('takes in new nodes of either kind through the other, and sends them away', async () => {
    const [newReal, newMine] = await fleet.start([redisServer, ours]);
    await cluster('add-node', newReal.address, mine[0].address);
    await cluster('add-node', newMine.address, real[0].address);
    await untilAgreed([...servers, newReal, newMine]);
    await cluster('del-node', real[0].address, (await myself(newMine)).id);
    await cluster('del-node', mine[0].address, (await myself(newReal)).id);
    await untilAgreed(servers);
    for (const server of [newReal, newMine]) {
      await eventually('it knows nobody', async () => {
        expect(await clusterNodes(server)).toHaveLength(1);
      });
    }
  });

  it('gives the real nodes nothing to complain of', async () => {
    await untilAgreed(servers);
    for (const server of real) {
      const complaints = server
        .log()
        .split('\n')
        .filter((line) =>
          /wrong|invalid|unexpected|unknown|corrupt|mismatch|bug|crash/i.test(line),
        );
      expect(complaints).toEqual([]);
    }
  });
});
