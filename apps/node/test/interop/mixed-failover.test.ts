// Elections in clusters of both kinds: real voters elect our replica, ours elect a real one, and a handover is asked of a
// real primary.

import { afterEach, describe, expect, it } from 'vitest';
import { describeWithRedis } from '../../../../scripts/testing/real-redis.ts';
import { clusterNodes, myself, nodeOn } from './support/cluster-view.ts';
import { Fleet, formCluster, untilAgreed } from './support/fleet.ts';
import {
  NODE_TIMEOUT_MS,
  ours,
  redisServer,
  type ServerKind,
  type ServerProcess,
} from './support/server-process.ts';
import { eventually } from './support/wait.ts';

interface Cast {
  readonly primary: ServerKind;
  readonly replica: ServerKind;
  readonly voters: readonly ServerKind[];
}

interface Stage {
  readonly primary: ServerProcess;
  readonly replica: ServerProcess;
  readonly voters: readonly ServerProcess[];
}

async function setUp(fleet: Fleet, cast: Cast): Promise<Stage> {
  const [primary, ...voters] = await fleet.start([cast.primary, ...cast.voters]);
  await formCluster([primary, ...voters]);
  const [replica] = await fleet.start([cast.replica]);
  await replica.call('CLUSTER', 'MEET', '127.0.0.1', primary.port);
  await untilAgreed([primary, ...voters, replica]);
  await replica.call('CLUSTER', 'REPLICATE', await primary.text('CLUSTER', 'MYID'));
  await untilAgreed([primary, ...voters, replica]);
  // Ours is no candidate before it had its primary's data once.
  await eventually('the replica has the data', async () => {
    const info = await replica.text('INFO', 'replication');
    if (!info.includes('master_link_status:up')) throw new Error(info);
  });
  const { flags } = await nodeOn(voters[0], replica.port);
  expect(flags).toContain('slave');
  return { primary, replica, voters };
}

/** Waits until the replica has the slots of its former primary. */
async function untilElected({ replica, voters }: Stage, slots: string): Promise<void> {
  await eventually('the replica is elected', async () => {
    for (const observer of [replica, ...voters]) {
      const node = await nodeOn(observer, replica.port);
      if (!node.flags.includes('master') || node.slots !== slots) throw new Error(`${node.flags}`);
    }
  });
}

describeWithRedis('an election in a cluster of both kinds', () => {
  const fleet = new Fleet();
  afterEach(() => fleet.dispose());

  const casts: readonly (readonly [string, Cast])[] = [
    [
      'real voters elect our replica',
      { primary: ours, replica: ours, voters: [redisServer, redisServer] },
    ],
    [
      'our voters elect a real replica',
      { primary: redisServer, replica: redisServer, voters: [ours, ours] },
    ],
    [
      'both elect our replica of a real primary',
      { primary: redisServer, replica: ours, voters: [redisServer, ours] },
    ],
  ];
  describe.each(casts)('%s', (_name, cast) => {
    it('and the old primary follows it when it is back', async () => {
      const stage = await setUp(fleet, cast);
      const { primary, replica, voters } = stage;
      const { slots } = await myself(primary);
      const epochs = (await clusterNodes(replica)).map((node) => node.configEpoch);
      await primary.kill();
      await untilElected(stage, slots);
      expect(replica.log()).toContain("Failover election won: I'm the new master.");
      for (const voter of voters) {
        expect(voter.log()).toMatch(/Failover auth granted to [0-9a-f]{40} for epoch \d+/);
      }
      expect((await myself(replica)).configEpoch).toBeGreaterThan(Math.max(...epochs));
      await primary.start();
      await untilAgreed([primary, replica, ...voters]);
      const id = await replica.text('CLUSTER', 'MYID');
      expect((await myself(primary)).primaryId).toBe(id);
    });
  });

  it('our replica takes over from a real primary that waits for it', async () => {
    const stage = await setUp(fleet, {
      primary: redisServer,
      replica: ours,
      voters: [redisServer, ours],
    });
    const { primary, replica, voters } = stage;
    const { slots } = await myself(primary);
    expect(await replica.call('CLUSTER', 'FAILOVER')).toBe('OK');
    await untilElected(stage, slots);
    expect(primary.log()).toMatch(/Manual failover requested by replica [0-9a-f]{40}/);
    expect(replica.log()).toContain('All master replication stream processed');
    await untilAgreed([primary, replica, ...voters], { timeoutMs: 20 * NODE_TIMEOUT_MS });
    expect((await myself(primary)).primaryId).toBe(await replica.text('CLUSTER', 'MYID'));
  });
});
