// Files that we wrote, read by redis-server 7.0.15, which knows neither labels nor checksums; and its files, read by us.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SlotSet } from '@slotmesh/crc16-slots';
import { expect, it, onTestFinished } from 'vitest';
import {
  describeWithRedis,
  freeClusterPort,
  type RedisServer,
  runRedisCli,
  startRedis,
  temporaryDirectory,
} from '../../../scripts/testing/real-redis.ts';
import {
  formatNodesConf,
  type NodesConf,
  type NodesConfNode,
  parseNodesConf,
  toTopology,
} from '../src/index.ts';
import { emptyNode } from '../src/nodes-conf.ts';
import { id } from './helpers.ts';

async function ask(server: RedisServer, ...command: string[]): Promise<string> {
  const { stdout } = await runRedisCli(['-p', String(server.port), ...command]);
  return stdout.trimEnd();
}

/** What a server that nobody answers keeps of its file: all but times, links and what it suspects. */
function lasting(conf: NodesConf): unknown {
  const nodes = conf.nodes.map((node) => [
    node.id,
    node.isSelf,
    `${node.host}:${node.port}@${node.busPort},${node.hostname}`,
    [node.role, node.primary, node.isFail, node.hasNoAddress, node.hasNoFailover],
    [node.configEpoch, String(node.slots), node.migrating, node.importing],
  ]);
  return [nodes.toSorted(), conf.currentEpoch, conf.lastVoteEpoch];
}

/** A primary with all that a file can say: neighbours, a replica, failures, open slots, labels of newer servers. */
function cluster(port: number): NodesConf {
  const node = (name: string, fields: Partial<NodesConfNode>): NodesConfNode => ({
    ...emptyNode(id(name)),
    host: '127.0.0.1',
    shardId: id(`s${name}`),
    nodename: `name of ${name}`,
    role: 'primary',
    isConnected: false,
    ...fields,
  });
  const nodes = [
    node('a', {
      isSelf: true,
      port,
      busPort: port + 10_000,
      hostname: 'a.example',
      configEpoch: 7,
      slots: SlotSet.parse('0-99 200 16383'),
      migrating: [{ slot: 5, node: id('b') }],
      importing: [{ slot: 300, node: id('c') }],
      tlsPort: 6380,
      availabilityZone: 'zone 1',
      isConnected: true,
    }),
    node('b', { port: 1, busPort: 2, configEpoch: 8, slots: SlotSet.parse('100-199') }),
    node('c', { port: 3, busPort: 4, isFail: true, slots: SlotSet.parse('300-400') }),
    node('d', { port: 5, busPort: 6, role: 'replica', primary: id('b'), configEpoch: 8 }),
    node('e', { host: '', hasNoAddress: true, hostname: 'e.example' }),
    node('f', {
      port: 7,
      busPort: 8,
      role: 'replica',
      primary: id('b'),
      hasNoFailover: true,
      configEpoch: 8,
    }),
  ];
  return { nodes, currentEpoch: 9, lastVoteEpoch: 6 };
}

describeWithRedis('nodes.conf beside redis-server', () => {
  it('loads the file that we wrote, and writes one that says the same', async () => {
    const folder = temporaryDirectory('slotmesh-nodes-conf-');
    onTestFinished(() => folder.remove());
    const file = join(folder.path, 'nodes.conf');
    const port = await freeClusterPort();
    const conf = cluster(port);
    writeFileSync(file, formatNodesConf(conf));
    const server = await startRedis({
      cluster: true,
      port,
      dir: folder.path,
      args: ['--cluster-announce-hostname', 'a.example'],
    });
    expect(server.log()).toContain("Skipping unknown cluster config variable 'slotmesh-nodes'");
    expect(server.log()).toContain("Skipping unknown cluster config variable 'crc64'");
    const shown = await ask(server, 'CLUSTER', 'NODES');
    const vars = 'vars currentEpoch 9 lastVoteEpoch 6\n';
    expect(lasting(parseNodesConf(`${shown}\n${vars}`))).toEqual(lasting(conf));
    expect(await ask(server, 'CLUSTER', 'SAVECONFIG')).toBe('OK');
    await server.stop();
    const rewritten = readFileSync(file, 'utf8');
    expect(rewritten).not.toContain('crc64');
    expect(lasting(parseNodesConf(rewritten))).toEqual(lasting(conf));
  });

  it('writes a file that we load, and loads it again as we save it', async () => {
    const folder = temporaryDirectory('slotmesh-nodes-conf-');
    onTestFinished(() => folder.remove());
    const file = join(folder.path, 'nodes.conf');
    const first = await startRedis({ cluster: true, dir: folder.path });
    await ask(first, 'CLUSTER', 'ADDSLOTSRANGE', '0', '99', '16000', '16383');
    await ask(first, 'CLUSTER', 'SET-CONFIG-EPOCH', '12');
    await ask(first, 'CLUSTER', 'SAVECONFIG');
    const self = await ask(first, 'CLUSTER', 'MYID');
    await first.stop();
    const conf = parseNodesConf(readFileSync(file));
    const topology = toTopology(conf, { nowMs: Date.now() });
    expect(topology.idOf(topology.self)).toBe(self);
    expect(topology.slotsOf(topology.self).toString()).toBe('0-99 16000-16383');
    expect([topology.currentEpoch, topology.configEpochOf(topology.self)]).toEqual([12, 12]);
    writeFileSync(file, formatNodesConf(conf));
    const second = await startRedis({ cluster: true, port: first.port, dir: folder.path });
    expect(await ask(second, 'CLUSTER', 'NODES')).toMatch(
      new RegExp(`^${self} .* myself,master - 0 0 12 connected 0-99 16000-16383$`),
    );
    await second.stop();
  });
});
