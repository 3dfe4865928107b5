// Replication seen from the commands: roles, expired keys, the primary's stream, what INFO and ROLE tell of it.

import { CommandDecoder, encodeCommand } from '@slotmesh/resp';
import { describe, expect, test } from 'vitest';
import { describeWithRedis, runRedisCli, startRedis } from '../../../scripts/testing/real-redis.ts';
import { testCluster } from './support/cluster-node.ts';
import { lines } from './support/corpus.ts';
import { replicating, set } from './support/replicating.ts';
import { REPLICATION_LINES } from './support/replication-lines.ts';
import { TestNode } from './support/test-node.ts';
import { TestPersistence, TestReplication } from './support/test-replication.ts';
import { differences, ourReplies, realReplies } from './support/transcript.ts';

describe('a primary', () => {
  test('feeds keys that expire by themselves one by one, and those that a command meets with it', () => {
    const { node, replication, client } = replicating();
    client.run('MSET', 'keep', '1', 'a', '1', 'b', '1');
    for (const key of ['a', 'b']) client.run('PEXPIREAT', key, String(node.nowMs + 1000));
    replication.take();
    node.nowMs += 1001;
    expect(node.keyspace.expireCycle(node.nowMs, 10)).toBe(2);
    expect(replication.take().sort()).toEqual(['0 DEL a', '0 DEL b']);

    client.run('SET', 'c', '1', 'PX', '10');
    client.run('SET', 'd', '1', 'PX', '10');
    replication.take();
    node.nowMs += 11;
    client.run('MGET', 'c', 'd', 'keep');
    expect(replication.take()).toEqual(['MULTI', '0 DEL c', '0 DEL d', 'EXEC']);
  });

  test('tells by UNLINK where it is configured to', () => {
    const { node, replication, client } = replicating();
    set(node, 'lazyfree-lazy-expire', 'yes');
    client.run('SET', 'a', '1', 'PXAT', '1');
    client.run('SET', 'b', '1');
    client.run('EXPIRE', 'b', '-1');
    client.run('GET', 'a');
    expect(replication.take().slice(2)).toEqual(['0 UNLINK b', '0 UNLINK a']);
  });

  test('feeds what it evicts before the command that needed the room', () => {
    const { node, replication, client } = replicating();
    for (let i = 0; i < 200; i++) client.run('SET', `key:${i}`, 'x'.repeat(1000));
    replication.take();
    set(node, 'maxmemory-policy', 'allkeys-random');
    set(node, 'maxmemory', String(node.keyspace.usedBytes - 5000));
    client.run('SET', 'new', '1');
    const stream = replication.take();
    expect(stream.length).toBeGreaterThan(1);
    expect(stream.pop()).toBe('0 SET new 1');
    for (const line of stream) expect(line).toMatch(/^0 DEL key:\d+$/);
  });

  test('feeds nothing while nobody listens, and nothing old afterwards', () => {
    const { replication, client } = replicating();
    replication.feed.isActive = false;
    client.run('SET', 'a', '1');
    replication.feed.isActive = true;
    client.run('GET', 'a');
    client.run('SET', 'b', '1');
    expect(replication.take()).toEqual(['0 SET b 1']);
  });

  test('in cluster mode feeds no messages, for the bus carries them, and each key of a slot that it empties', () => {
    const replication = new TestReplication();
    const cluster = testCluster({ replication });
    cluster.node.connect().run('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    cluster.settle(3000);
    cluster.settle(3000);
    const client = cluster.node.connect();
    replication.feed.isActive = true;
    client.run('PUBLISH', 'c', 'm');
    client.run('SPUBLISH', 'c', 'm');
    client.run('MSET', '{x}1', 'a', '{x}2', 'b');
    expect(replication.take()).toEqual(['0 MSET {x}1 a {x}2 b']);
    const slot = client.run('CLUSTER', 'KEYSLOT', 'x').slice(1).trim();
    client.run('CLUSTER', 'FLUSHSLOT', slot);
    const deleted = replication.take();
    expect([deleted.shift(), deleted.pop()]).toEqual(['MULTI', 'EXEC']);
    expect(deleted.sort()).toEqual(['0 DEL {x}1', '0 DEL {x}2']);
    client.run('SET', '{x}3', 'c');
    replication.take();
    expect(cluster.node.processor.deleteSlot(Number(slot))).toBe(1);
    expect(replication.take()).toEqual(['0 DEL {x}3']);
  });

  test('asks for enough good replicas before it writes', () => {
    const { node, replication, client } = replicating();
    set(node, 'min-replicas-to-write', '2');
    replication.goodReplicaCount = 1;
    const refused = '-NOREPLICAS Not enough good replicas to write.\r\n';
    expect(client.run('SET', 'a', '1')).toBe(refused);
    expect(client.run('GET', 'a')).toBe('$-1\r\n');
    client.run('MULTI');
    expect(client.run('SET', 'a', '1')).toBe(refused);
    expect(client.run('EXEC')).toMatch(/^-EXECABORT/);
    replication.goodReplicaCount = 2;
    expect(client.run('SET', 'a', '1')).toBe('+OK\r\n');
    replication.goodReplicaCount = 0;
    set(node, 'min-replicas-max-lag', '0');
    expect(client.run('SET', 'a', '1')).toBe('+OK\r\n');
  });
});

describe('a replica', () => {
  const READONLY = "-READONLY You can't write against a read only replica.\r\n";

  test('refuses writes of clients, and carries out those of its primary without an answer', () => {
    const { client, fromPrimary, replication } = replicating('replica');
    expect(client.run('SET', 'a', '1')).toBe(READONLY);
    expect(fromPrimary('SELECT', '3') + fromPrimary('SET', 'a', '1')).toBe('');
    expect(client.run('GET', 'a')).toBe('$-1\r\n');
    client.run('SELECT', '3');
    expect(client.run('GET', 'a')).toBe('$1\r\n1\r\n');
    expect(replication.take()).toEqual([]);
  });

  test('refuses a transaction that was begun while it was a primary', () => {
    const { client, replication } = replicating();
    for (const command of ['MULTI', 'SET a 1']) client.run(...command.split(' '));
    replication.follow('127.0.0.1', 7000);
    expect(client.run('EXEC')).toBe(
      "-EXECABORT Transaction discarded because of: READONLY You can't write against a read only replica.\r\n",
    );
    expect(client.run('GET', 'a')).toBe('$-1\r\n');
  });

  test('lets its primary do what clients may not', () => {
    const { node, client, fromPrimary } = replicating('replica');
    set(node, 'maxmemory', '1');
    node.processor.pauseWrites(node.nowMs + 10_000);
    client.run('CLIENT', 'PAUSE', '10000', 'WRITE');
    fromPrimary('SET', 'a', '1');
    expect(client.run('GET', 'a')).toBe('$1\r\n1\r\n');
  });

  test('hides keys whose time is over from clients, and deletes none', () => {
    const { node, client, fromPrimary, replication } = replicating('replica');
    fromPrimary('SET', 'a', '5', 'PXAT', String(node.nowMs + 10));
    node.nowMs += 11;
    expect(client.run('GET', 'a')).toBe('$-1\r\n');
    expect(client.run('EXISTS', 'a')).toBe(':0\r\n');
    expect(client.run('KEYS', '*') + client.run('SCAN', '0')).toBe('*0\r\n*2\r\n$1\r\n0\r\n*0\r\n');
    expect(client.run('DBSIZE')).toBe(':1\r\n');
    expect(client.run('RANDOMKEY')).toBe('$1\r\na\r\n');
    expect(node.processor.expiresKeys).toBe(false);
    expect(node.keyspace.expireCycle(node.nowMs, 10)).toBe(0);
    // The primary may have run this before the time was over.
    fromPrimary('INCR', 'a');
    fromPrimary('PERSIST', 'a');
    expect(client.run('GET', 'a')).toBe('$1\r\n6\r\n');
    fromPrimary('PEXPIREAT', 'a', '1');
    expect(client.run('DBSIZE')).toBe(':1\r\n');

    replication.followNobody();
    expect(node.processor.expiresKeys).toBe(true);
    expect(client.run('GET', 'a') + client.run('DBSIZE')).toBe('$-1\r\n:0\r\n');
  });

  test('where clients may write, a write deletes what it finds to be over', () => {
    const { node, client, fromPrimary } = replicating('replica');
    set(node, 'replica-read-only', 'no');
    for (const key of ['a', 'b', 'c'])
      fromPrimary('SET', key, '5', 'PXAT', String(node.nowMs + 10));
    node.nowMs += 11;
    expect(client.run('INCR', 'a') + client.run('PTTL', 'a')).toBe(':1\r\n:-1\r\n');
    client.run('MULTI');
    client.run('APPEND', 'b', 'x');
    client.run('GET', 'c');
    expect(client.run('EXEC')).toBe('*2\r\n:1\r\n$-1\r\n');
    expect(client.run('DBSIZE')).toBe(':3\r\n');
  });

  test('takes transactions as a whole', () => {
    const { client, fromPrimary } = replicating('replica');
    fromPrimary('MULTI');
    fromPrimary('SET', 'a', '1');
    fromPrimary('INCR', 'a');
    expect(client.run('GET', 'a')).toBe('$-1\r\n');
    fromPrimary('EXEC');
    expect(client.run('GET', 'a')).toBe('$1\r\n2\r\n');
  });

  test('tells watchers, trackers and subscribers of what the primary does', () => {
    const { node, client, fromPrimary } = replicating('replica');
    set(node, 'notify-keyspace-events', 'KEA');
    const subscriber = node.connect();
    const tracker = node.connect();
    subscriber.run('PSUBSCRIBE', '__keyspace@0__:*', 'news');
    tracker.run('HELLO', '3');
    tracker.run('CLIENT', 'TRACKING', 'ON');
    tracker.run('GET', 'a');
    client.run('WATCH', 'a');
    fromPrimary('SET', 'a', '1');
    fromPrimary('PUBLISH', 'news', 'now');
    expect(subscriber.take()).toMatch(/keyspace@0__:a\r\n\$3\r\nset\r\n.*news\r\n\$3\r\nnow/s);
    expect(tracker.take()).toBe('>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n');
    client.run('MULTI');
    expect(client.run('EXEC')).toBe('*-1\r\n');
  });

  test('says so where a command of the primary makes no sense', () => {
    const { client, fromPrimary, replication } = replicating('replica');
    fromPrimary('SET', 'a', 'x');
    expect(fromPrimary('INCR', 'a') + fromPrimary('NONSENSE', 'x') + fromPrimary('GET')).toBe('');
    expect(replication.calls).toEqual([
      'stream failed: incr: ERR value is not an integer or out of range',
      "stream failed: null: ERR unknown command 'NONSENSE', with args beginning with: 'x' ",
      "stream failed: get: ERR wrong number of arguments for 'get' command",
    ]);
    expect(client.run('INFO', 'stats')).toContain('\r\nunexpected_error_replies:3\r\n');
  });

  test('with old data serves only if it is configured to', () => {
    const { node, client, replication } = replicating('replica');
    replication.isLinkUp = false;
    expect(client.run('GET', 'a')).toBe('$-1\r\n');
    set(node, 'replica-serve-stale-data', 'no');
    expect(client.run('GET', 'a')).toBe(
      "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n",
    );
    expect(client.run('INFO', 'cluster')).toMatch(/^\$/);
    replication.isLinkUp = true;
    expect(client.run('GET', 'a')).toBe('$-1\r\n');
  });

  test('answers GETACK through the port, for its primary only', () => {
    const { client, fromPrimary, replication } = replicating('replica');
    fromPrimary('REPLCONF', 'GETACK', '*');
    expect(replication.calls).toEqual(['acknowledge']);
    client.run('REPLCONF', 'GETACK', '*');
    expect(replication.calls[1]).toMatch(/^\d+ REPLCONF GETACK \*$/);
  });

  test('keeps keys of the primary in the slots that they belong to', () => {
    const replication = new TestReplication();
    const { node } = testCluster({ replication });
    replication.role = 'replica';
    node.processor.replicationChanged();
    const link = node.connect({ isPrimaryLink: true });
    const decoder = new CommandDecoder();
    for (const command of [
      ['MULTI'],
      ['SET', 'a', '1'],
      ['SET', 'b', '1'],
      ['EXEC'],
      ['INCR', 'c'],
    ]) {
      decoder.push(encodeCommand(command));
    }
    while (decoder.next()) node.processor.executeFromPrimary(link.session, decoder);
    const client = node.connect();
    for (const key of ['a', 'b', 'c']) {
      const slot = client.run('CLUSTER', 'KEYSLOT', key).slice(1).trim();
      expect(client.run('CLUSTER', 'COUNTKEYSINSLOT', slot)).toBe(':1\r\n');
    }
  });
});

test('while data are loaded only some commands run', () => {
  const persistence = new TestPersistence();
  const node = new TestNode({ persistence });
  const client = node.connect();
  client.run('MULTI');
  client.run('GET', 'a');
  persistence.isLoading = true;
  node.processor.replicationChanged();
  expect(client.run('EXEC')).toBe(
    '-EXECABORT Transaction discarded because of: LOADING Redis is loading the dataset in memory\r\n',
  );
  expect(client.run('GET', 'a')).toBe('-LOADING Redis is loading the dataset in memory\r\n');
  expect(client.run('INFO', 'persistence')).toMatch(
    /loading:1\r\n.*loading_total_bytes:1000\r\n.*loading_loaded_perc:25.00\r\n/s,
  );
  persistence.isLoading = false;
  node.processor.replicationChanged();
  expect(client.run('GET', 'a')).toBe('$-1\r\n');
});

describe('ROLE and INFO replication', () => {
  const titles = (text: string): string[] =>
    [...text.matchAll(/\n(\w+):/g)].map(([, name]) => name);

  test('list the replicas of a primary', () => {
    const { client, replication } = replicating();
    replication.offset = 10;
    replication.more = {
      replicas: [
        { address: '10.0.0.2', port: 7001, state: 'online', offset: 8, lagS: 1 },
        { address: '10.0.0.3', port: 7002, state: 'wait_bgsave', offset: 0, lagS: 0 },
      ],
    };
    expect(client.run('ROLE')).toBe(
      '*3\r\n$6\r\nmaster\r\n:10\r\n*1\r\n*3\r\n$8\r\n10.0.0.2\r\n$4\r\n7001\r\n$1\r\n8\r\n',
    );
    const info = client.run('INFO', 'replication');
    expect(info).toContain('slave0:ip=10.0.0.2,port=7001,state=online,offset=8,lag=1\r\n');
    expect(info).toContain('slave1:ip=10.0.0.3,port=7002,state=wait_bgsave,offset=0,lag=0\r\n');
    expect(client.run('FAILOVER')).toMatch(
      /^-ERR FAILOVER is not supported by this server outside/,
    );
  });

  test('tell of the link of a replica', () => {
    const { client, replication } = replicating('replica');
    const link = {
      host: '10.0.0.1',
      port: 7000,
      state: 'connected',
      lastIoSecondsAgo: 2,
      readOffset: 120,
      offset: 100,
      sync: null,
      downSinceS: -1,
    } as const;
    replication.more = { primaryLink: link };
    expect(client.run('ROLE')).toBe(
      '*5\r\n$5\r\nslave\r\n$8\r\n10.0.0.1\r\n:7000\r\n$9\r\nconnected\r\n:100\r\n',
    );
    const sync = { totalBytes: 200, readBytes: 50, lastIoSecondsAgo: 1 };
    replication.more = { primaryLink: { ...link, state: 'sync', sync } };
    const info = client.run('INFO', 'replication');
    expect(info).toMatch(/role:slave\r\nmaster_host:10.0.0.1\r\n.*master_link_status:down\r\n/s);
    expect(info).toMatch(/master_sync_left_bytes:150\r\nmaster_sync_perc:25.00\r\n/);
    expect(client.run('HELLO')).toContain('$4\r\nrole\r\n$7\r\nreplica\r\n');
  });

  describeWithRedis('has the fields of redis-server', () => {
    test('as a primary and as a replica', async () => {
      const server = await startRedis();
      const theirs = async (): Promise<string[]> => {
        const [info] = await realReplies(server.port, [['INFO', 'replication']]);
        return titles(info);
      };
      const { client, replication, node } = replicating();
      const ours = (): string[] => titles(client.run('INFO', 'replication'));
      expect(ours()).toEqual(await theirs());
      await runRedisCli(['-p', String(server.port), 'CONFIG', 'SET', 'min-replicas-to-write', '1']);
      set(node, 'min-replicas-to-write', '1');
      expect(ours()).toEqual(await theirs());
      await runRedisCli(['-p', String(server.port), 'REPLICAOF', '127.0.0.1', '1']);
      replication.follow('127.0.0.1', 1);
      replication.more = {
        primaryLink: {
          host: '127.0.0.1',
          port: 1,
          state: 'connect',
          lastIoSecondsAgo: -1,
          readOffset: 0,
          offset: 0,
          sync: null,
          downSinceS: -1,
        },
      };
      expect(ours()).toEqual(await theirs());
      await server.stop();
    });
  });
});

describeWithRedis('answers equal those of redis-server', () => {
  for (const cluster of [false, true]) {
    test(cluster ? 'in cluster mode' : 'alone', async () => {
      const server = await startRedis({ cluster });
      const commands = lines(cluster ? REPLICATION_LINES.cluster : REPLICATION_LINES.alone);
      const theirs = await realReplies(server.port, commands);
      const replication = new TestReplication();
      const persistence = new TestPersistence();
      const node = cluster
        ? testCluster({ replication }).node
        : new TestNode({ replication, persistence });
      replication.onChange = () => node.processor.replicationChanged();
      expect(differences(commands, ourReplies(node, commands), theirs).join('\n')).toBe('');
      await server.stop();
    });
  }
});
