// The orders of operators, held against redis-server: the same commands to both, and the same
// replies.

import { afterEach, describe, expect, it } from 'vitest';
import {
  describeWithRedis,
  type RedisServer,
  runRedisCli,
  startRedis,
} from '../../../scripts/testing/real-redis.ts';
import type { OperatorCommand } from '../src/index.ts';
import { settledCluster } from './support/convergence.ts';
import { SimCluster } from './support/sim-cluster.ts';

/**
 * A command as an operator types it and as the machine gets it; null: it is only for the real
 * server to hear.
 */
type Step = readonly [typed: string, command: OperatorCommand | null];

function addSlots(...slots: number[]): Step {
  return [`ADDSLOTS ${slots.join(' ')}`, { kind: 'addSlots', slots }];
}

function delSlots(...slots: number[]): Step {
  return [`DELSLOTS ${slots.join(' ')}`, { kind: 'delSlots', slots }];
}

function meet(host: string, port: number, busPort = port + 10000): Step {
  return [`MEET ${host} ${port} ${busPort}`, { kind: 'meet', host, port, busPort }];
}

const forget = (id: string): Step => [`FORGET ${id}`, { kind: 'forget', id }];
const reset = (hard: boolean): Step => [`RESET ${hard ? 'HARD' : 'SOFT'}`, { kind: 'reset', hard }];
const bump: Step = ['BUMPEPOCH', { kind: 'bumpEpoch' }];
const setEpoch = (epoch: number): Step => [
  `SET-CONFIG-EPOCH ${epoch}`,
  { kind: 'setConfigEpoch', epoch },
];
const flush: Step = ['FLUSHSLOTS', { kind: 'flushSlots' }];
const saveConfig: Step = ['SAVECONFIG', { kind: 'saveConfig' }];

const STRANGER = 'f'.repeat(40);

const SESSIONS: Readonly<Record<string, readonly Step[]>> = {
  slots: [
    addSlots(1, 2, 2),
    addSlots(1, 2, 3),
    addSlots(4, 3, 3),
    addSlots(5, 5, 1),
    addSlots(1, 1),
    delSlots(4),
    delSlots(3, 3),
    delSlots(3, 9),
    delSlots(1, 2),
    addSlots(1),
    flush,
    flush,
    delSlots(1),
  ],
  epochs: [
    setEpoch(0),
    bump,
    bump,
    setEpoch(5),
    reset(true),
    setEpoch(-1),
    setEpoch(7),
    setEpoch(8),
    bump,
    saveConfig,
  ],
  meeting: [
    meet('localhost', 7000),
    meet('127.0.0.1', 0),
    meet('127.0.0.1', 60000),
    meet('127.0.0.1', 7000, 0),
    meet('127.0.0.256', 7000),
    meet('127.0.0.01', 7000),
    meet('1.2.3', 7000),
    meet('::1::', 7000),
    meet('fe80::g', 7000),
    meet('0:0:0:0:0:0:0:1', 9),
    meet('::1', 9),
    meet('127.0.0.1', 9),
    meet('127.0.0.1', 9),
    setEpoch(3),
    forget(STRANGER),
    forget('nobody'),
    reset(false),
    setEpoch(3),
  ],
};

describeWithRedis('operators get the real server’s replies', () => {
  let server: RedisServer | null = null;
  afterEach(async () => {
    await server?.stop();
    server = null;
  });

  it.each(Object.keys(SESSIONS))('about %s', async (name) => {
    server = await startRedis({ cluster: true });
    const real: string[] = [];
    const ours: string[] = [];
    const [node] = new SimCluster(1).nodes;
    for (const [typed, command] of SESSIONS[name]) {
      const args = ['-p', String(server.port), 'CLUSTER', ...typed.split(' ')];
      real.push(`${typed}: ${(await runRedisCli(args)).stdout.trim()}`);
      if (command !== null) ours.push(`${typed}: ${node.execute(command).text}`);
    }
    expect(ours).toEqual(real);
  });

  it('about a node that has keys, and about itself', async () => {
    server = await startRedis({ cluster: true, args: ['--cluster-require-full-coverage', 'no'] });
    const cli = async (...args: string[]): Promise<string> => {
      const { stdout } = await runRedisCli(['-p', String((server as RedisServer).port), ...args]);
      return stdout.trim();
    };
    await cli('CLUSTER', 'ADDSLOTS', '15495');
    for (let i = 0; i < 100 && (await cli('SET', 'a', 'b')) !== 'OK'; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const [node] = new SimCluster(1).nodes;
    node.order({ kind: 'addSlots', slots: [15495] });
    node.keys.set(15495, 1);
    expect(node.execute({ kind: 'flushSlots' }).text).toBe(await cli('CLUSTER', 'FLUSHSLOTS'));
    expect(node.execute({ kind: 'reset', hard: false }).text).toBe(await cli('CLUSTER', 'RESET'));
    expect(node.execute({ kind: 'reset', hard: true }).text).toBe(
      await cli('CLUSTER', 'RESET', 'HARD'),
    );
    const self = await cli('CLUSTER', 'FORGET', await cli('CLUSTER', 'MYID'));
    expect(node.execute({ kind: 'forget', id: node.id }).text).toBe(self);
  });
});

describe('operators', () => {
  it('cannot make a replica forget its primary, nor give it slots', () => {
    const sim = new SimCluster(3);
    settledCluster(sim, sim.nodes.slice(0, 2));
    const [primary, , replica] = sim.nodes;
    replica.topology.setReplicaOf(replica.topology.self, replica.view(primary));
    expect(replica.execute({ kind: 'forget', id: primary.id }).text).toBe(
      "ERR Can't forget my master!",
    );
    sim.nodes[0].order({ kind: 'delSlots', slots: [0] });
    replica.topology.unassignSlots(replica.topology.slotsOf(replica.view(primary)));
    expect(replica.execute({ kind: 'addSlots', slots: [0] })).toEqual({
      ok: false,
      text: 'ERR A replica cannot own slots',
    });
  });

  it('change nothing where one of several slots is refused', () => {
    const [node] = new SimCluster(1).nodes;
    node.order({ kind: 'addSlots', slots: [7] });
    node.execute({ kind: 'addSlots', slots: [1, 2, 7] });
    expect(node.topology.slotsOf(node.topology.self).toString()).toBe('7');
    node.execute({ kind: 'delSlots', slots: [7, 8] });
    expect(node.topology.slotsOf(node.topology.self).toString()).toBe('7');
  });

  it('see to it that what they changed is saved, and that shard subscribers hear of lost slots', () => {
    const [node] = new SimCluster(1).nodes;
    node.order({ kind: 'addSlots', slots: [7, 8] });
    expect(node.disk.nodes[0].slots.toString()).toBe('7-8');
    node.order({ kind: 'bumpEpoch' });
    expect(node.disk.nodes[0].configEpoch).toBe(1);
    node.order({ kind: 'delSlots', slots: [7] });
    expect(node.lostSlots).toEqual([7]);
    expect(node.disk.nodes[0].slots.toString()).toBe('8');
  });
});
