import { SlotSet } from '@slotmesh/crc16-slots';
import { checkInvariants, type LinkId, NO_LABELS, StatusBit, Topology } from '@slotmesh/topology';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatNodesConf,
  fromTopology,
  type NodesConf,
  parseNodesConf,
  toTopology,
} from '../src/index.ts';
import { anyConf } from './arbitraries.ts';
import { expectRefusal, id, plain, VECTORS, vector } from './helpers.ts';

const NOW = 1_800_000_000_000;

/** What a configuration keeps through a table: nodes in the table's order, no times, no links. */
function kept(conf: NodesConf): unknown {
  const nodes = conf.nodes.map((node) => ({
    ...node,
    slots: String(node.slots),
    role: node.role === 'replica' ? 'replica' : 'primary',
    isPfail: node.isPfail && !node.isFail,
    isConnected: false,
    pingSentMs: node.pingSentMs === 0 ? 0 : NOW,
    pongReceivedMs: node.pongReceivedMs === 0 ? 0 : NOW,
    port: 0,
    tcpPort: null,
    tlsPort: null,
    configEpoch: 0,
  }));
  return { ...conf, currentEpoch: 0, nodes: nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
}

describe.each(VECTORS)('%s', (name) => {
  it('becomes a table and comes back', () => {
    const conf = parseNodesConf(vector(name));
    const topology = toTopology(conf, { nowMs: NOW });
    checkInvariants(topology);
    expect(topology.idOf(topology.self)).toBe(conf.nodes.find((node) => node.isSelf)!.id);
    expect(topology.assignedSlotCount).toBe(16384);
    const saved = fromTopology(topology);
    expect(kept(saved)).toEqual(kept(conf));
    expect(saved.currentEpoch).toBe(conf.currentEpoch);
    const epochs = (of: NodesConf) =>
      of.nodes.map((node) => [node.id, node.configEpoch]).toSorted();
    expect(epochs(saved)).toEqual(epochs(conf));
    const again = fromTopology(toTopology(parseNodesConf(formatNodesConf(saved)), { nowMs: NOW }));
    expect(plain(again)).toEqual(plain(saved));
  });
});

it('any configuration becomes a coherent table and comes back', () => {
  fc.assert(
    fc.property(anyConf, (conf) => {
      const topology = toTopology(conf, { nowMs: NOW });
      checkInvariants(topology);
      expect(topology.currentEpoch).toBeGreaterThanOrEqual(topology.maxEpoch());
      expect(kept(fromTopology(topology, { hasVoteMemory: conf.lastVoteEpoch !== null }))).toEqual(
        kept(conf),
      );
    }),
    { numRuns: 200 },
  );
});

describe('a table from a file', () => {
  const file = (...lines: string[]) => lines.map((line) => `${line}\n`).join('');
  const A = `${id('a')} 127.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-99 [5->-${id('c')}] [700-<-${id('c')}]`;
  const B = `${id('b')} 127.0.0.1:7001@17001 slave,fail?,nofailover ${id('a')} 11 0 1 connected`;
  const C = `${id('c')} :0@0 master,fail,noaddr - 0 12 2 disconnected 100-199`;
  const conf = parseNodesConf(file(B, C, A, 'vars currentEpoch 1 lastVoteEpoch 1'));
  const topology = toTopology(conf, { nowMs: NOW });
  const [a, b, c] = ['a', 'b', 'c'].map((name) => topology.find(id(name)));

  it('has roles, flags, epochs and open slots', () => {
    expect(topology.self).toBe(a);
    expect(topology.primaryOf(b)).toBe(a);
    expect(topology.hasStatus(a, StatusBit.migrateTo)).toBe(true);
    expect([topology.isPfail(b), topology.isFail(b)]).toEqual([true, false]);
    expect([topology.isPfail(c), topology.isFail(c)]).toEqual([false, true]);
    expect(topology.failTimeMs(c)).toBe(NOW);
    expect(topology.hasStatus(b, StatusBit.noFailover)).toBe(true);
    expect(topology.hasStatus(c, StatusBit.noAddress)).toBe(true);
    expect([a, b, c].map((node) => topology.configEpochOf(node))).toEqual([1, 0, 2]);
    expect([...topology.migratingSlots]).toEqual([[5, c]]);
    expect([...topology.importingSlots]).toEqual([[700, c]]);
    expect(topology.labelsOf(a)).toBe(NO_LABELS);
    expect(topology.clusterState).toBe('fail');
  });

  it('starts its times now, and its epoch at the largest there is', () => {
    expect([topology.pingSentMs(b), topology.pongReceivedMs(b)]).toEqual([NOW, 0]);
    expect([topology.pingSentMs(c), topology.pongReceivedMs(c)]).toEqual([0, NOW]);
    expect([topology.currentEpoch, topology.lastVoteEpoch]).toEqual([2, 1]);
  });

  it('is refused where it contradicts itself', () => {
    expectRefusal(
      () => toTopology({ ...conf, nodes: conf.nodes.slice(0, 2) }, { nowMs: NOW }),
      'NO_MYSELF',
    );
  });
});

describe('ports', () => {
  const ports = (labels: string, tlsCluster: boolean) => {
    const line = `${id('a')} 127.0.0.1:1@3${labels} myself,master - 0 0 0 connected\n`;
    const conf = parseNodesConf(`${line}vars currentEpoch 0 lastVoteEpoch 0\n`);
    const topology = toTopology(conf, { nowMs: NOW, tlsCluster });
    const { port, altPort, busPort } = topology.addressOf(topology.self);
    const [saved] = fromTopology(topology, { tlsCluster }).nodes;
    const { nodes } = parseNodesConf(formatNodesConf(fromTopology(topology, { tlsCluster })));
    const again = toTopology({ ...conf, nodes }, { nowMs: NOW, tlsCluster });
    expect(again.addressOf(again.self)).toEqual(topology.addressOf(topology.self));
    expect(saved.busPort).toBe(3);
    return [port, altPort, busPort];
  };
  it.each([
    ['', false, [1, 0, 3]],
    ['', true, [1, 0, 3]],
    [',,tls-port=2', false, [1, 2, 3]],
    [',,tls-port=2', true, [2, 1, 3]],
    [',,tcp-port=2', false, [2, 1, 3]],
    [',,tcp-port=2', true, [1, 2, 3]],
    [',,tls-port=0', false, [1, 0, 3]],
    [',,tcp-port=8,tls-port=9', false, [8, 9, 3]],
    [',,tcp-port=8,tls-port=9', true, [9, 8, 3]],
  ])('of %j, TLS %s, are %j', (labels, tlsCluster, expected) => {
    expect(ports(labels, tlsCluster)).toEqual(expected);
  });
});

describe('what is saved of a table', () => {
  const entry = (name: string, host = '127.0.0.1') => ({
    id: id(name),
    address: { host, port: 7000, altPort: 0, busPort: 17000 },
    createdMs: 0,
  });

  it('leaves out nodes in handshake and hosts that no line could hold', () => {
    const topology = new Topology(entry('a'));
    topology.addNode({ ...entry('h'), handshake: true });
    topology.addNode(entry('b', 'two words\nvars'));
    const { nodes } = fromTopology(topology);
    expect(nodes.map((node) => [node.id, node.host])).toEqual([
      [id('a'), '127.0.0.1'],
      [id('b'), ''],
    ]);
    expect(() => parseNodesConf(formatNodesConf(fromTopology(topology)))).not.toThrow();
  });

  it('keeps what nodes announce of themselves', () => {
    const topology = new Topology(entry('a'));
    const labels = {
      hostname: 'a host, with "quotes"',
      nodename: 'name=\n',
      clientIpv4: '10.0.0.7',
      clientIpv6: '::7',
      clientPort: 6379,
      clientTlsPort: 6380,
      availabilityZone: 'zone 1',
    };
    topology.setLabels(topology.self, labels);
    topology.setShardId(topology.self, id('s'));
    const conf = parseNodesConf(formatNodesConf(fromTopology(topology)));
    const loaded = toTopology(conf, { nowMs: NOW });
    expect(loaded.labelsOf(loaded.self)).toEqual(labels);
    expect(loaded.shardIdOf(loaded.self)).toBe(id('s'));
  });

  it('has links, times in whole milliseconds, and the epoch of the primary', () => {
    const topology = new Topology(entry('a'));
    const b = topology.addNode(entry('b'));
    topology.assignSlots(SlotSet.ALL, b);
    topology.setConfigEpoch(b, 9);
    topology.setReplicaOf(topology.self, b);
    topology.setOutboundLink(b, 2 as LinkId);
    topology.setPingSent(b, 5.75);
    topology.setPongReceived(b, 7.25);
    topology.lastVoteEpoch = 4;
    const conf = fromTopology(topology);
    expect(conf).toMatchObject({ currentEpoch: 9, lastVoteEpoch: 4 });
    expect(conf.nodes[0]).toMatchObject({ isConnected: true, pingSentMs: 5, pongReceivedMs: 7 });
    expect(conf.nodes[0].slots).toBe(SlotSet.ALL);
    expect(conf.nodes[1]).toMatchObject({ isConnected: true, primary: id('b'), configEpoch: 9 });
    expect(fromTopology(topology, { hasVoteMemory: false }).lastVoteEpoch).toBeNull();
  });
});
