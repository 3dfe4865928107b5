import { SlotSet } from '@slotmesh/crc16-slots';
import { describe, expect, it } from 'vitest';
import {
  clientPort,
  clusterInfoText,
  clusterNodeLine,
  clusterNodesText,
  clusterReplicaLines,
  type LinkId,
  linksView,
  NO_NODE,
  nodesInOrder,
  preferredEndpoint,
  StatusBit,
  shardsView,
  slotsView,
  Topology,
} from '../src/index.ts';
import { addressOf, hostname, idOf, tableOf } from './helpers.ts';

/** a: 0-99 and 300, replicas a1, a2; b: 100-299, no replica; c: no slots; self is a. */
function smallCluster() {
  const { topology, add } = tableOf('a');
  const [c, a2, b, a1] = ['c', 'a2', 'b', 'a1'].map((name) => add(name));
  topology.assignSlots(SlotSet.parse('0-99 300'), topology.self);
  topology.assignSlots(SlotSet.parse('100-299'), b);
  topology.setConfigEpoch(topology.self, 3);
  topology.setConfigEpoch(b, 7);
  for (const replica of [a2, a1]) {
    topology.setReplicaOf(replica, topology.self);
    topology.setOffset(replica, 42);
  }
  return { topology, add, a: topology.self, a1, a2, b, c };
}

describe('the order of nodes', () => {
  it('is by first slot, then by id, replicas behind their primary', () => {
    const { topology, add, a, a1, a2, b, c } = smallCluster();
    const handshake = add('0-handshake');
    topology.setStatus(handshake, StatusBit.handshake, true);
    const lost = add('0-lost');
    topology.setReplicaOf(lost, NO_NODE);
    const below = add('0-below-a1');
    topology.setReplicaOf(below, a1);
    const empty = add('bb');
    expect(nodesInOrder(topology)).toEqual([a, a1, below, a2, b, empty, c, lost, handshake]);
  });

  it('is the same on every node, whatever order it learned the others in', () => {
    const names = ['p', 'q', 'r', 's'];
    const texts = names.map((self, shift) => {
      const topology = new Topology({ id: idOf(self), address: addressOf(1), createdMs: 0 });
      for (let i = 0; i < names.length; i++) {
        const id = idOf(names[(i * 3 + shift) % names.length]);
        if (topology.find(id) === NO_NODE) {
          topology.addNode({ id, address: addressOf(1), createdMs: 0 });
        }
      }
      topology.assignSlots(SlotSet.of(9), topology.find(idOf('q')));
      topology.assignSlots(SlotSet.of(8), topology.find(idOf('r')));
      topology.setReplicaOf(topology.find(idOf('p')), topology.find(idOf('q')));
      return nodesInOrder(topology).map((node) => topology.idOf(node));
    });
    expect(texts[0]).toEqual(['r', 'q', 'p', 's'].map(idOf));
    expect(new Set(texts.map(String)).size).toBe(1);
  });
});

describe('CLUSTER NODES', () => {
  it('gives one line per node', () => {
    const { topology, b } = smallCluster();
    topology.setOutboundLink(b, 2 as LinkId);
    topology.setPingSent(b, 1_700_000_000_123);
    topology.setPongReceived(b, 1_700_000_000_001);
    topology.setLabels(b, hostname('b.example'));
    expect(clusterNodesText(topology)).toBe(
      [
        `${idOf('a')} 127.0.0.1:7000@17000 myself,master - 0 0 3 connected 0-99 300`,
        `${idOf('a1')} 127.0.0.1:7004@17004 slave ${idOf('a')} 0 0 3 disconnected`,
        `${idOf('a2')} 127.0.0.1:7002@17002 slave ${idOf('a')} 0 0 3 disconnected`,
        `${idOf('b')} 127.0.0.1:7003@17003,b.example master - 1700000000123 1700000000001 7 connected 100-299`,
        `${idOf('c')} 127.0.0.1:7001@17001 master - 0 0 0 disconnected`,
        '',
      ].join('\n'),
    );
  });

  it.each([
    [[], 'master'],
    [['pfail'], 'master,fail?'],
    [['fail', 'noFailover'], 'master,fail,nofailover'],
    [['handshake', 'noAddress'], 'handshake,noaddr'],
    [['replica', 'noFailover', 'noAddress', 'pfail'], 'slave,fail?,noaddr,nofailover'],
    [['meet', 'migrateTo', 'extensionsSupported', 'myPrimaryFail'], 'master'],
  ] as const)('words the flags %j as %s', (bits, words) => {
    const { topology, add } = tableOf('a');
    const node = add('b');
    for (const bit of bits) topology.setStatus(node, StatusBit[bit], true);
    expect(clusterNodeLine(topology, node).split(' ')[2]).toBe(words);
    for (const bit of bits) {
      if (bit !== 'handshake') topology.setStatus(topology.self, StatusBit[bit], true);
    }
    if (words !== 'handshake,noaddr') {
      expect(clusterNodeLine(topology, topology.self).split(' ')[2]).toBe(`myself,${words}`);
    }
  });

  it('marks open slots by slot, and on this node only', () => {
    const { topology, b, c } = smallCluster();
    topology.setMigrating(99, b);
    topology.setMigrating(5, c);
    topology.setImporting(77, b);
    const line = clusterNodeLine(topology, topology.self);
    expect(
      line.endsWith(` 0-99 300 [5->-${idOf('c')}] [77-<-${idOf('b')}] [99->-${idOf('b')}]`),
    ).toBe(true);
    expect(clusterNodeLine(topology, b)).not.toContain('[');
  });

  it('gives the replicas of one primary', () => {
    const { topology, a, b, a1, a2 } = smallCluster();
    const lines = [a1, a2].map((node) => clusterNodeLine(topology, node));
    expect(clusterReplicaLines(topology, a)).toEqual(lines);
    expect(clusterReplicaLines(topology, b)).toEqual([]);
  });

  it('names the port for the kind of connection that asks', () => {
    const { topology } = tableOf('a');
    topology.setAddress(topology.self, { host: '::1', port: 6379, altPort: 6380, busPort: 16379 });
    const at = (options: object) => clusterNodeLine(topology, topology.self, options).split(' ')[1];
    expect(at({})).toBe('::1:6379@16379');
    expect(at({ tlsClient: true })).toBe('::1:6380@16379');
    expect(at({ tlsClient: true, tlsCluster: true })).toBe('::1:6379@16379');
    expect(at({ tlsCluster: true })).toBe('::1:6380@16379');
  });
});

describe('ports and endpoints', () => {
  it('falls back to the only port there is', () => {
    expect(clientPort(addressOf(7000), { tlsClient: true })).toBe(7000);
    expect(clientPort(addressOf(7000), { tlsCluster: true })).toBe(7000);
  });

  it('prefers what the directive says', () => {
    const { topology, add } = tableOf('a');
    const node = add('b');
    topology.setLabels(node, hostname('b.example'));
    const endpoints = (['ip', 'hostname', 'unknown-endpoint'] as const).map((endpointType) =>
      [topology.self, node].map((each) => preferredEndpoint(topology, each, { endpointType })),
    );
    expect(endpoints).toEqual([
      ['127.0.0.1', '127.0.0.1'],
      ['?', 'b.example'],
      ['', ''],
    ]);
  });
});

describe('CLUSTER SLOTS', () => {
  it('gives ranges with their primary and its replicas', () => {
    const { topology } = smallCluster();
    const node = (name: string, port: number) => ({
      endpoint: '127.0.0.1',
      port,
      id: idOf(name),
      metadata: [],
    });
    const shardA = [node('a', 7000), node('a1', 7004), node('a2', 7002)];
    expect(slotsView(topology)).toEqual([
      { start: 0, end: 99, nodes: shardA },
      { start: 100, end: 299, nodes: [node('b', 7003)] },
      { start: 300, end: 300, nodes: shardA },
    ]);
  });

  it('leaves out replicas that failed or have no data, and keeps primaries that failed', () => {
    const { topology, a, a1, a2, b } = smallCluster();
    const ids = () => slotsView(topology).map(({ nodes }) => nodes.map(({ id }) => id));
    topology.markFail(a1, 5);
    topology.markFail(b, 5);
    expect(ids()[0]).toEqual([idOf('a'), idOf('a2')]);
    topology.setOffset(a2, 0);
    expect(ids()).toEqual([[idOf('a')], [idOf('b')], [idOf('a')]]);
    topology.clearFail(a1);
    topology.markPfail(a1);
    expect(ids()[0]).toEqual([idOf('a'), idOf('a1')]);
    expect(topology.idOf(a)).toBe(idOf('a'));
  });

  it('takes this node to have the offset that the caller gives', () => {
    const { topology, add } = tableOf('r');
    const primary = add('p');
    topology.assignSlots(SlotSet.ALL, primary);
    topology.setReplicaOf(topology.self, primary);
    expect(slotsView(topology)[0].nodes.length).toBe(1);
    expect(slotsView(topology, { selfOffset: 9 })[0].nodes.length).toBe(2);
    expect(shardsView(topology)[0].nodes[1].health).toBe('loading');
    expect(shardsView(topology, { selfOffset: 9 })[0].nodes[1]).toMatchObject({
      health: 'online',
      replicationOffset: 9,
    });
  });

  it('puts beside the endpoint whatever it is not', () => {
    const { topology } = tableOf('a');
    topology.assignSlots(SlotSet.ALL, topology.self);
    const shown = (endpointType: 'ip' | 'hostname' | 'unknown-endpoint') => {
      const [{ endpoint, metadata }] = slotsView(topology, { endpointType })[0].nodes;
      return [endpoint, ...metadata.flat()];
    };
    expect(shown('ip')).toEqual(['127.0.0.1']);
    expect(shown('hostname')).toEqual(['?', 'ip', '127.0.0.1']);
    expect(shown('unknown-endpoint')).toEqual([null, 'ip', '127.0.0.1']);
    topology.setLabels(topology.self, hostname('a.example'));
    expect(shown('ip')).toEqual(['127.0.0.1', 'hostname', 'a.example']);
    expect(shown('hostname')).toEqual(['a.example', 'ip', '127.0.0.1']);
    expect(shown('unknown-endpoint')).toEqual([null, 'ip', '127.0.0.1', 'hostname', 'a.example']);
  });

  it('changes only with the revision, for a given own offset', () => {
    const { topology, a1 } = smallCluster();
    const before = topology.revision;
    topology.setOffset(a1, 43);
    topology.setPongReceived(a1, 99);
    expect(topology.revision).toBe(before);
    topology.setOffset(a1, 0);
    expect(topology.revision).toBeGreaterThan(before);
  });

  it('is empty where no slot is assigned', () => {
    expect(slotsView(tableOf('a').topology)).toEqual([]);
  });
});

describe('CLUSTER SHARDS', () => {
  it('groups by primary where no shard ids are known', () => {
    const { topology, a2, c } = smallCluster();
    topology.markFail(c, 1);
    topology.setOffset(a2, 0);
    const shards = shardsView(topology);
    expect(shards.map(({ slots }) => slots)).toEqual([
      [
        { start: 0, end: 99 },
        { start: 300, end: 300 },
      ],
      [{ start: 100, end: 299 }],
      [],
    ]);
    expect(
      shards.map(({ nodes }) => nodes.map(({ id, role, health }) => [id, role, health])),
    ).toEqual([
      [
        [idOf('a'), 'master', 'online'],
        [idOf('a1'), 'replica', 'online'],
        [idOf('a2'), 'replica', 'loading'],
      ],
      [[idOf('b'), 'master', 'online']],
      [[idOf('c'), 'master', 'fail']],
    ]);
  });

  it('gives all that is known of a node', () => {
    const { topology } = tableOf('a');
    topology.setAddress(topology.self, { host: 'h', port: 1, altPort: 2, busPort: 3 });
    topology.setLabels(topology.self, hostname('a.example'));
    const options = { tlsCluster: true, endpointType: 'hostname', selfOffset: 5 } as const;
    expect(shardsView(topology, options)[0].nodes[0]).toEqual({
      id: idOf('a'),
      port: 2,
      tlsPort: 1,
      ip: 'h',
      endpoint: 'a.example',
      hostname: 'a.example',
      role: 'master',
      replicationOffset: 5,
      health: 'online',
    });
    expect(shardsView(topology)[0].nodes[0]).toMatchObject({ port: 1, tlsPort: 2 });
  });

  it('groups by shard id where there is one, replicas being where their primary is', () => {
    const { topology, a, a1, b, c } = smallCluster();
    topology.setShardId(a, idOf('one'));
    topology.setShardId(c, idOf('one'));
    topology.setShardId(a1, idOf('two'));
    topology.setShardId(b, idOf('two'));
    const shards = shardsView(topology);
    expect(shards.map(({ id, nodes }) => [id, nodes.map((node) => node.id)])).toEqual([
      [idOf('one'), ['a', 'a1', 'a2', 'c'].map(idOf)],
      [idOf('two'), [idOf('b')]],
    ]);
  });

  it('shows no node in handshake', () => {
    const { topology, add } = tableOf('a');
    topology.setStatus(add('b'), StatusBit.handshake, true);
    expect(shardsView(topology).length).toBe(1);
  });
});

describe('CLUSTER INFO', () => {
  it('counts slots by the health of their owners', () => {
    const { topology, add, b, c } = smallCluster();
    topology.setStatus(add('h'), StatusBit.handshake, true);
    topology.assignSlots(SlotSet.of(1000, 1001), c);
    topology.markPfail(b);
    topology.markFail(c, 1);
    topology.clusterState = 'ok';
    const text = clusterInfoText(topology, {
      messageCounts: [
        { type: 'ping', sent: 3, received: 0 },
        { type: 'pong', sent: 0, received: 4 },
        { type: 'auth-req', sent: 1, received: 1 },
      ],
      linksBufferLimitExceeded: 2,
    });
    expect(text).toBe(
      [
        'cluster_state:ok',
        'cluster_slots_assigned:303',
        'cluster_slots_ok:101',
        'cluster_slots_pfail:200',
        'cluster_slots_fail:2',
        'cluster_known_nodes:6',
        'cluster_size:3',
        'cluster_current_epoch:7',
        'cluster_my_epoch:3',
        'cluster_stats_messages_ping_sent:3',
        'cluster_stats_messages_auth-req_sent:1',
        'cluster_stats_messages_sent:4',
        'cluster_stats_messages_pong_received:4',
        'cluster_stats_messages_auth-req_received:1',
        'cluster_stats_messages_received:5',
        'total_cluster_links_buffer_limit_exceeded:2',
        '',
      ].join('\r\n'),
    );
  });

  it('gives a replica the epoch of its primary', () => {
    const { topology, b, a1, a2 } = smallCluster();
    for (const node of [a1, a2]) topology.setPrimary(node);
    topology.setReplicaOf(topology.self, b);
    const facts = { messageCounts: [], linksBufferLimitExceeded: 0 };
    expect(clusterInfoText(topology, facts)).toContain('cluster_my_epoch:7\r\n');
  });
});

describe('CLUSTER LINKS', () => {
  it('lists open links by node, outbound first', () => {
    const { topology, b, a2 } = smallCluster();
    topology.setInboundLink(b, 1 as LinkId);
    topology.setOutboundLink(b, 2 as LinkId);
    topology.setOutboundLink(a2, 4 as LinkId);
    topology.setInboundLink(a2, 5 as LinkId);
    const facts = (link: LinkId) => ({
      createdMs: 100 + link,
      isSending: link === 2,
      sendBufferAllocated: 10 * link,
      sendBufferUsed: link,
    });
    const views = linksView(topology, (link) => (link === 5 ? undefined : facts(link)));
    expect(views).toEqual([
      {
        direction: 'to',
        node: idOf('a2'),
        createTime: 104,
        events: 'r',
        sendBufferAllocated: 40,
        sendBufferUsed: 4,
      },
      {
        direction: 'to',
        node: idOf('b'),
        createTime: 102,
        events: 'rw',
        sendBufferAllocated: 20,
        sendBufferUsed: 2,
      },
      {
        direction: 'from',
        node: idOf('b'),
        createTime: 101,
        events: 'r',
        sendBufferAllocated: 10,
        sendBufferUsed: 1,
      },
    ]);
  });
});
