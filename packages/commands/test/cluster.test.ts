// What a client of a cluster sees: redirections, the orders of operators, sharded channels, hooks.

import { keySlot, SlotSet } from '@slotmesh/crc16-slots';
import { describe, expect, test } from 'vitest';
import { type TestCluster, testCluster } from './support/cluster-node.ts';
import type { TestClient } from './support/test-node.ts';

const OTHER_ID = 'f'.repeat(40);
const FOO = keySlot('foo');

/** This node A serves everything; another node B is known. */
function serving(options: { debug?: 'yes' | 'no' } = {}): {
  cluster: TestCluster;
  client: TestClient;
} {
  const cluster = testCluster(options);
  const { topology } = cluster;
  topology.addNode({
    id: OTHER_ID,
    address: { host: '10.0.0.2', port: 7001, altPort: 7101, busPort: 17_001 },
    createdMs: 0,
    labels: { ...topology.labelsOf(topology.self), hostname: 'b.example' },
  });
  topology.assignSlots(SlotSet.ALL, topology.self);
  cluster.settle(3000);
  cluster.settle(3000);
  topology.clusterState = 'ok';
  return { cluster, client: cluster.node.connect() };
}

function giveFooToOther({ topology }: TestCluster): void {
  topology.assignSlots(SlotSet.of(FOO), topology.find(OTHER_ID));
}

describe('redirections', () => {
  test('a slot of another node', () => {
    const { cluster, client } = serving();
    giveFooToOther(cluster);
    expect(client.run('GET', 'foo')).toBe(`-MOVED ${FOO} 10.0.0.2:7001\r\n`);
    expect(client.run('SSUBSCRIBE', 'foo')).toBe(`-MOVED ${FOO} 10.0.0.2:7001\r\n`);
    expect(client.run('MGET', 'foo', 'bar')).toBe(
      "-CROSSSLOT Keys in request don't hash to the same slot\r\n",
    );
    expect(client.run('PUBLISH', 'foo', 'x')).toBe(':0\r\n');
  });

  test('a TLS client is sent to the TLS port', () => {
    const { cluster } = serving();
    giveFooToOther(cluster);
    const client = cluster.node.connect({ isTls: true });
    expect(client.run('GET', 'foo')).toBe(`-MOVED ${FOO} 10.0.0.2:7101\r\n`);
  });

  test('a slot that leaves: keys here are served, others asked for over there', () => {
    const { cluster, client } = serving();
    const { topology } = cluster;
    client.run('SET', '{foo}1', 'a');
    topology.setMigrating(FOO, topology.find(OTHER_ID));
    expect(client.run('GET', '{foo}1')).toBe('$1\r\na\r\n');
    expect(client.run('GET', '{foo}2')).toBe(`-ASK ${FOO} 10.0.0.2:7001\r\n`);
    expect(client.run('MGET', '{foo}1', '{foo}2')).toBe(
      '-TRYAGAIN Multiple keys request during rehashing of slot\r\n',
    );
  });

  test('a slot that comes is served to the command right after ASKING', () => {
    const { cluster, client } = serving();
    giveFooToOther(cluster);
    cluster.topology.setImporting(FOO, cluster.topology.find(OTHER_ID));
    expect(client.run('ASKING')).toBe('+OK\r\n');
    expect(client.run('SET', 'foo', '1')).toBe('+OK\r\n');
    expect(client.run('GET', 'foo')).toBe(`-MOVED ${FOO} 10.0.0.2:7001\r\n`);
    client.run('ASKING');
    expect(client.run('PING')).toBe('+PONG\r\n');
    expect(client.run('GET', 'foo')).toMatch(/^-MOVED/);
    client.run('ASKING');
    client.run('FOO');
    expect(client.run('GET', 'foo')).toMatch(/^-MOVED/);
    client.run('ASKING');
    expect(client.run('GET', 'foo')).toBe('$1\r\n1\r\n');
  });

  test('READONLY on a replica reads what its primary owns', () => {
    const { cluster, client } = serving();
    const { topology } = cluster;
    const other = topology.find(OTHER_ID);
    topology.assignSlots(SlotSet.ALL, other);
    topology.setReplicaOf(topology.self, other);
    topology.clusterState = 'ok';
    expect(client.run('GET', 'foo')).toMatch(/^-MOVED/);
    expect(client.run('READONLY')).toBe('+OK\r\n');
    expect(client.run('GET', 'foo')).toBe('$-1\r\n');
    expect(client.run('SET', 'foo', '1')).toMatch(/^-MOVED/);
    expect(client.run('READWRITE')).toBe('+OK\r\n');
    expect(client.run('GET', 'foo')).toMatch(/^-MOVED/);
    expect(client.run('HELLO')).toContain('$4\r\nrole\r\n$7\r\nreplica\r\n');
  });
});

test('a published message goes over the bus too', () => {
  const { cluster, client } = serving();
  client.run('PUBLISH', 'news', 'a\r\nb');
  client.run('SPUBLISH', 'foo', 'x');
  expect(cluster.published).toEqual(['news a\r\nb', 'shard foo x']);
});

describe('sharded subscriptions', () => {
  test('end, with a word, when the slot is lost', () => {
    const { cluster, client } = serving();
    const other = cluster.node.connect();
    client.run('SSUBSCRIBE', 'foo', '{foo}2');
    other.run('HELLO', '3');
    other.run('SSUBSCRIBE', 'bar');
    other.run('SSUBSCRIBE', 'foo');
    cluster.node.processor.dropShardSubscriptions(SlotSet.of(FOO));
    expect(client.take()).toBe(
      '*3\r\n$12\r\nsunsubscribe\r\n$3\r\nfoo\r\n:1\r\n*3\r\n$12\r\nsunsubscribe\r\n$6\r\n{foo}2\r\n:0\r\n',
    );
    expect(other.take()).toBe('>3\r\n$12\r\nsunsubscribe\r\n$3\r\nfoo\r\n:1\r\n');
    expect([client.wakes, other.wakes]).toEqual([2, 1]);
    expect(client.run('GET', 'foo')).toBe('$-1\r\n');
    expect(other.run('PUBSUB', 'SHARDCHANNELS')).toBe('*1\r\n$3\r\nbar\r\n');
  });
});

describe('CLUSTER', () => {
  test('MYSHARDID, LINKS without links, and other nodes in the views', () => {
    const { client } = serving();
    expect(client.run('CLUSTER', 'MYSHARDID')).toBe(`$40\r\n${'b'.repeat(40)}\r\n`);
    expect(client.run('CLUSTER', 'LINKS')).toBe('*0\r\n');
    expect(client.run('CLUSTER', 'NODES')).toContain(
      `\n${OTHER_ID} 10.0.0.2:7001@17001,b.example master - `,
    );
    expect(client.run('CLUSTER', 'REPLICAS', OTHER_ID)).toBe('*0\r\n');
    expect(client.run('CLUSTER', 'COUNT-FAILURE-REPORTS', OTHER_ID)).toBe(':0\r\n');
  });

  test('what follows later says so', () => {
    const { client } = serving();
    for (const command of ['SETSLOT 1 STABLE']) {
      expect(client.run('CLUSTER', ...command.split(' '))).toMatch(
        /^-ERR CLUSTER [A-Z]+ is not supported by this server\r\n$/,
      );
    }
  });

  test('REPLICATE and FAILOVER say what redis-server says', () => {
    const { client } = serving();
    const myself = client.run('CLUSTER', 'MYID').slice(5, 45);
    const cases = [
      ['REPLICATE', "wrong number of arguments for 'cluster|replicate' command"],
      ['REPLICATE abc', 'Unknown node abc'],
      [`REPLICATE ${myself}`, "Can't replicate myself"],
      [
        `REPLICATE ${OTHER_ID}`,
        'To set a master the node must be empty and without assigned slots.',
      ],
      ['FAILOVER', 'You should send CLUSTER FAILOVER to a replica'],
      ['FAILOVER FORCE', 'You should send CLUSTER FAILOVER to a replica'],
      ['FAILOVER NOW', 'syntax error'],
      [
        'FAILOVER A B',
        "unknown subcommand or wrong number of arguments for 'FAILOVER'. Try CLUSTER HELP.",
      ],
    ];
    for (const [command, error] of cases) {
      expect(client.run('CLUSTER', ...command.split(' '))).toBe(`-ERR ${error}\r\n`);
    }
    client.run('CLUSTER', 'FLUSHSLOTS');
    expect(client.run('CLUSTER', 'REPLICATE', OTHER_ID)).toBe('+OK\r\n');
    expect(client.run('CLUSTER', 'NODES')).toContain(`myself,slave ${OTHER_ID} `);
    expect(client.run('CLUSTER', 'FAILOVER', 'takeover')).toBe('+OK\r\n');
    expect(client.run('CLUSTER', 'NODES')).toContain('myself,master - ');
  });

  test('FLUSHSLOT removes the keys of one slot', () => {
    const { client } = serving();
    client.run('MSET', 'foo', '1', '{foo}2', '2');
    client.run('SET', 'bar', '3');
    expect(client.run('CLUSTER', 'COUNTKEYSINSLOT', String(FOO))).toBe(':2\r\n');
    expect(client.run('CLUSTER', 'FLUSHSLOT', String(FOO), 'ASYNC')).toBe('+OK\r\n');
    expect(client.run('CLUSTER', 'COUNTKEYSINSLOT', String(FOO))).toBe(':0\r\n');
    expect(client.run('GET', 'bar')).toBe('$1\r\n3\r\n');
    expect(client.run('CLUSTER', 'FLUSHSLOT', '16384')).toBe(
      '-ERR Invalid or out of range slot\r\n',
    );
    expect(client.run('CLUSTER', 'FLUSHSLOT', '1', 'NOW')).toBe('-ERR syntax error\r\n');
  });

  test('SLOT-STATS counts keys, by number and by size', () => {
    const { client } = serving();
    client.run('MSET', 'foo', '1', '{foo}2', '2');
    client.run('SET', 'bar', '3');
    const stat = (slot: number, keys: number): string =>
      `*2\r\n:${slot}\r\n*2\r\n$9\r\nkey-count\r\n:${keys}\r\n`;
    const bar = keySlot('bar');
    expect(client.run('CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', String(bar), String(bar + 1))).toBe(
      `*2\r\n${stat(bar, 1)}${stat(bar + 1, 0)}`,
    );
    expect(client.run('CLUSTER', 'SLOT-STATS', 'ORDERBY', 'key-count', 'LIMIT', '2')).toBe(
      `*2\r\n${stat(FOO, 2)}${stat(bar, 1)}`,
    );
    expect(client.run('CLUSTER', 'SLOT-STATS', 'ORDERBY', 'key-count', 'LIMIT', '1', 'ASC')).toBe(
      `*1\r\n${stat(0, 0)}`,
    );
    const stats = (...args: string[]): string => client.run('CLUSTER', 'SLOT-STATS', ...args);
    expect(stats('ORDERBY', 'size')).toMatch(/^-ERR Unrecognized sort metric/);
    expect(stats('ORDERBY', 'key-count', 'LIMIT', '0')).toMatch(/^-ERR Limit has to lie/);
    expect(stats('SLOTSRANGE', '5', '1')).toMatch(/^-ERR Start slot number 5 is greater/);
    expect(stats('SLOTSRANGE', '5', 'x')).toMatch(/^-ERR Invalid or out of range slot/);
    expect(stats('FOO', 'x')).toMatch(/^-ERR unknown subcommand or wrong number/);
  });

  test('SHUTDOWN SAFE is refused as long as slots are served', () => {
    const { cluster, client } = serving();
    expect(client.run('SHUTDOWN', 'SAFE')).toMatch(/this node serves 16384 hash slots/);
    expect(cluster.node.calls).toEqual([]);
  });
});

test('DEBUG reaches the links of the bus', () => {
  const { cluster, client } = serving({ debug: 'yes' });
  expect(client.run('DEBUG', 'CLUSTERLINK', 'kill', 'TO', OTHER_ID)).toBe('+OK\r\n');
  expect(client.run('DEBUG', 'CLUSTERLINK', 'KILL', 'over', OTHER_ID)).toMatch(/Unknown direction/);
  expect(client.run('DEBUG', 'CLUSTERLINK', 'KILL', 'all', 'x')).toMatch(/Unknown node x/);
  expect(client.run('DEBUG', 'DROP-CLUSTER-PACKET-FILTER', '-2')).toBe('+OK\r\n');
  expect(client.run('DEBUG', 'DROP-CLUSTER-PACKET-FILTER', 'x')).toMatch(/^-ERR value is not/);
  expect(client.run('DEBUG', 'CLOSE-CLUSTER-LINK-ON-PACKET-DROP', '1')).toBe('+OK\r\n');
  expect(cluster.debugged).toEqual([`kill to ${OTHER_ID}`, 'drop -2', 'close true']);
});
