// The views against a real cluster: the table is filled from what one node's CLUSTER NODES says, and what the views make
// of it must be what the same node answers, byte by byte in RESP2 and RESP3. Only the order of lists is ours.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  describeWithRedis,
  type RedisServer,
  runRedisCli,
  startRedis,
} from '../../../scripts/testing/real-redis.ts';
import {
  clusterInfoText,
  clusterNodeLine,
  clusterNodesText,
  clusterReplicaLines,
  type LinkId,
  linksView,
  shardsView,
  slotsView,
  type Topology,
  type ViewOptions,
} from '../src/index.ts';
import { tableFromClusterNodes } from './helpers.ts';
import { ask, decode, encode, type Shape } from './resp-shape.ts';

const text = async (server: RedisServer, ...args: string[]) =>
  decode(await ask(server.port, 2, ...args)) as string;

const list = async (server: RedisServer, ...args: string[]) =>
  decode(await ask(server.port, 2, ...args)) as Shape[];

/** CLUSTER SLOTS as `commands` turns it into a reply. */
function slotsShape(topology: Topology, options: ViewOptions): Shape {
  return slotsView(topology, options).map(({ start, end, nodes }) => [
    ...[start, end],
    ...nodes.map((n) => [n.endpoint, n.port, n.id, { pairs: n.metadata.flat() }]),
  ]);
}

/** CLUSTER SHARDS as `commands` turns it into a reply. */
function shardsShape(topology: Topology, options: ViewOptions): Shape[] {
  return shardsView(topology, options).map(({ slots, nodes }) => {
    const shards = nodes.map((node) => ({
      pairs: [
        ...['id', node.id],
        ...(node.port === 0 ? [] : ['port', node.port]),
        ...(node.tlsPort === 0 ? [] : ['tls-port', node.tlsPort]),
        ...['ip', node.ip, 'endpoint', node.endpoint],
        ...(node.hostname === '' ? [] : ['hostname', node.hostname]),
        ...['role', node.role, 'replication-offset', node.replicationOffset],
        ...['health', node.health],
      ],
    }));
    return { pairs: ['slots', slots.flatMap(({ start, end }) => [start, end]), 'nodes', shards] };
  });
}

/** Takes the offsets, which CLUSTER NODES does not tell, from an answer to CLUSTER SHARDS. */
function learnOffsets(topology: Topology, shards: string): void {
  const offsets = /id\r\n\$40\r\n(\w{40})[\s\S]*?replication-offset\r\n:(\d+)/g;
  for (const [, id, offset] of shards.matchAll(offsets)) {
    topology.setOffset(topology.find(id), Number(offset));
  }
}

const sorted = (shapes: Shape) =>
  (shapes as Shape[]).map((shape) => JSON.stringify(shape)).toSorted();

describeWithRedis('views beside redis-server', () => {
  let servers: RedisServer[] = [];

  beforeAll(async () => {
    const names = ['h0.example', '', '', 'h3.example', '', ''];
    servers = await Promise.all(
      names.map((name) =>
        startRedis({
          cluster: true,
          // Replicas get data, and with it an offset, with the first PING of the replication stream.
          args: [
            ...['--cluster-announce-hostname', name],
            ...['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'],
          ],
        }),
      ),
    );
    const hosts = servers.map(({ port }) => `127.0.0.1:${port}`);
    const create = ['--cluster', 'create', ...hosts, '--cluster-replicas', '1', '--cluster-yes'];
    const { code, stdout } = await runRedisCli(create);
    expect(code, stdout).toBe(0);
    await untilSettled();
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop('SIGKILL')));
  });

  /** Every node sees six nodes with links both ways and hostnames, and three replicas that have data. */
  async function untilSettled(): Promise<void> {
    while (!(await Promise.all(servers.map(isSettled))).every(Boolean)) await delay(50);
  }

  async function isSettled(server: RedisServer): Promise<boolean> {
    const nodes = await text(server, 'CLUSTER', 'NODES');
    const links = await list(server, 'CLUSTER', 'LINKS');
    const slots = (await list(server, 'CLUSTER', 'SLOTS')) as Shape[][];
    return (
      !/disconnected|handshake/.test(nodes) &&
      nodes.match(/\n/g)?.length === 6 &&
      nodes.match(/h[03]\.example/g)?.length === 2 &&
      links.length === 10 &&
      slots.length === 3 &&
      slots.every((entry) => entry.length === 4)
    );
  }

  it('CLUSTER NODES and CLUSTER REPLICAS have the same lines', async () => {
    for (const server of servers) {
      const real = await text(server, 'CLUSTER', 'NODES');
      const topology = tableFromClusterNodes(real);
      const ours = clusterNodesText(topology).split('\n');
      expect(ours.toSorted()).toEqual(real.split('\n').toSorted());
      const [primary] = [...topology.nodes()].filter((node) => topology.isVoter(node));
      const replicas = await ask(server.port, 2, 'CLUSTER', 'REPLICAS', topology.idOf(primary));
      const withoutTimes = (lines: Shape) => String(lines).replace(/ \d+ \d+ /, ' ');
      expect(withoutTimes(clusterReplicaLines(topology, primary))).toBe(
        withoutTimes(decode(replicas)),
      );
    }
  });

  it('CLUSTER NODES marks open slots in the same way', async () => {
    const [server, other] = servers;
    const id = await text(other, 'CLUSTER', 'MYID');
    const orders = [
      ['100', 'MIGRATING'],
      ['16383', 'IMPORTING'],
      ['7', 'MIGRATING'],
    ];
    for (const [slot, way] of orders)
      await ask(server.port, 2, 'CLUSTER', 'SETSLOT', slot, way, id);
    const real = await text(server, 'CLUSTER', 'NODES');
    for (const [slot] of orders) await ask(server.port, 2, 'CLUSTER', 'SETSLOT', slot, 'STABLE');
    const topology = tableFromClusterNodes(real.replace(/ \[.*\]/, ''));
    const peer = topology.find(id);
    topology.setMigrating(100, peer);
    topology.setImporting(16383, peer);
    topology.setMigrating(7, peer);
    expect(real.split('\n')).toContain(clusterNodeLine(topology, topology.self));
  });

  it.each(['ip', 'hostname', 'unknown-endpoint'] as const)(
    'CLUSTER SLOTS and CLUSTER SHARDS have the same bytes, endpoint type %s',
    async (endpointType) => {
      const server = servers[0];
      const { stdout } = await runRedisCli([
        ...['-p', String(server.port)],
        ...['CONFIG', 'SET', 'cluster-preferred-endpoint-type', endpointType],
      ]);
      expect(stdout).toBe('OK\n');
      const topology = tableFromClusterNodes(await text(server, 'CLUSTER', 'NODES'));
      for (const protocol of [2, 3] as const) {
        const real = await ask(server.port, protocol, 'CLUSTER', 'SHARDS');
        learnOffsets(topology, real);
        const shards = encode(shardsShape(topology, { endpointType }), protocol);
        expect(shards.length).toBe(real.length);
        expect(sorted(decode(shards))).toEqual(sorted(decode(real)));
        const slots = encode(slotsShape(topology, { endpointType }), protocol);
        expect(slots).toBe(await ask(server.port, protocol, 'CLUSTER', 'SLOTS'));
      }
    },
  );

  it('CLUSTER INFO has the same text', async () => {
    for (const server of servers) {
      const real = await text(server, 'CLUSTER', 'INFO');
      const topology = tableFromClusterNodes(await text(server, 'CLUSTER', 'NODES'));
      const number = (name: string) =>
        Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(real)?.[1] ?? 0);
      topology.clusterState = /cluster_state:ok/.test(real) ? 'ok' : 'fail';
      topology.currentEpoch = number('cluster_current_epoch');
      const messageCounts = ['ping', 'pong', 'meet', 'fail', 'publish', 'auth-req', 'update'].map(
        (type) => ({
          type,
          sent: number(`cluster_stats_messages_${type}_sent`),
          received: number(`cluster_stats_messages_${type}_received`),
        }),
      );
      expect(clusterInfoText(topology, { messageCounts, linksBufferLimitExceeded: 0 })).toBe(real);
    }
  });

  it('CLUSTER LINKS has the same links', async () => {
    const server = servers[0];
    const topology = tableFromClusterNodes(await text(server, 'CLUSTER', 'NODES'));
    const real = (await list(server, 'CLUSTER', 'LINKS')) as Shape[][];
    for (const node of topology.nodes()) {
      if (node !== topology.self) topology.setInboundLink(node, (2 * node + 1) as LinkId);
    }
    const facts = new Map(
      real.map(([, direction, , id, , createdMs, , events, , allocated, , used]) => [
        2 * topology.find(id as string) + (direction === 'to' ? 0 : 1),
        {
          createdMs: createdMs as number,
          isSending: events === 'rw',
          sendBufferAllocated: allocated as number,
          sendBufferUsed: used as number,
        },
      ]),
    );
    const ours = linksView(topology, (link) => facts.get(link)).map((link) => [
      ...['direction', link.direction, 'node', link.node, 'create-time', link.createTime],
      ...['events', link.events, 'send-buffer-allocated', link.sendBufferAllocated],
      ...['send-buffer-used', link.sendBufferUsed],
    ]);
    expect(ours.length).toBe(10);
    const byText = (lists: Shape[][]) => lists.map((list) => JSON.stringify(list)).toSorted();
    expect(byText(ours)).toEqual(byText(real));
  });
});
