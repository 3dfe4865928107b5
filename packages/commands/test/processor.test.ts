// The way of one command: what is checked around the handlers, in which order, and what is counted.

import { ArenaFullError } from '@slotmesh/keyspace';
import { encodeCommands, ReplyDecoder } from '@slotmesh/resp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMAND_TABLE } from '../src/table/index.ts';
import { testCluster } from './support/cluster-node.ts';
import { MAGIC } from './support/corpus.ts';
import { TestNode } from './support/test-node.ts';

const NOAUTH = '-NOAUTH Authentication required.\r\n';

test('names that mean something to JavaScript are just names', () => {
  const client = new TestNode().connect();
  for (const name of MAGIC) {
    expect(client.run(name)).toBe(`-ERR unknown command '${name}', with args beginning with: \r\n`);
    expect(client.run('CLIENT', name)).toContain('unknown subcommand');
    expect(client.run('CONFIG', 'GET', name)).toBe('*0\r\n');
    expect(client.run('CONFIG', 'SET', name, '1')).toContain('Unknown option');
    expect(client.run('COMMAND', 'INFO', name)).toBe('*1\r\n$-1\r\n');
    expect(client.run('INFO', name)).toBe('$0\r\n\r\n');
    expect(client.run('SET', name, name)).toBe('+OK\r\n');
    expect(client.run('SET', 'k', 'v', name)).toBe('-ERR syntax error\r\n');
    expect(client.run('GET', name)).toBe(`$${name.length}\r\n${name}\r\n`);
    expect(client.run('PUBSUB', 'NUMSUB', name)).toBe(`*2\r\n$${name.length}\r\n${name}\r\n:0\r\n`);
  }
  expect(({} as Record<string, unknown>).k).toBeUndefined();
});

describe('whatever bytes come', () => {
  const silent = /^(subscribe|psubscribe|ssubscribe|unsubscribe|punsubscribe|sunsubscribe)$/;
  const names = COMMAND_TABLE.all
    .map(({ fullName }) => fullName)
    .filter(
      (name) => !silent.test(name) && !/^(shutdown|quit|client\|(reply|kill)|hello)$/.test(name),
    );
  const argument = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.constantFrom(
      '\r\n+OK\r\n',
      'NX',
      'GET',
      'EX',
      '1',
      '-1',
      'x\ny',
      '0',
      'TYPE',
      'ID',
      'MATCH',
      '*',
    ),
  );

  for (const inCluster of [false, true]) {
    test(`a command has exactly one reply${inCluster ? ' in a cluster' : ''}`, () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...names, 'unknown'),
          fc.array(argument, { maxLength: 5 }),
          fc.constantFrom(2 as const, 3 as const),
          (name, args, protocol) => {
            const node = inCluster
              ? testCluster({ debug: 'yes' }).node
              : new TestNode({ debug: 'yes' });
            const client = node.connect();
            if (protocol === 3) client.run('HELLO', '3');
            const decoder = new ReplyDecoder();
            decoder.push(Buffer.from(client.run(...name.split('|'), ...args), 'latin1'));
            expect(decoder.next()).not.toBeUndefined();
            expect(decoder.next()).toBeUndefined();
          },
        ),
        { numRuns: 800 },
      );
    });
  }
});

test('a session that is to be closed executes nothing more', () => {
  const client = new TestNode().connect();
  expect(client.run('QUIT', 'now')).toBe('+OK\r\n');
  expect(client.session.closeAfterReply).toBe(true);
  expect(client.run('PING')).toBe('');
});

describe('a pipeline that is read ahead', () => {
  const VALUE = 'v'.repeat(10_000);
  const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;

  test.each(['cluster', 'plain'])(
    'is executed in its order (%s, a database beyond the cache)',
    (kind) => {
      const cluster = kind === 'cluster' ? testCluster() : null;
      const node = cluster?.node ?? new TestNode();
      const client = node.connect();
      if (cluster !== null) {
        client.run('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
        cluster.settle(5000);
      }
      const keys = Array.from({ length: 600 }, (_, i) => `{t}${i}`);
      client.feed(encodeCommands(keys.map((key) => ['SET', key, VALUE + key])));
      expect(client.take()).toBe('+OK\r\n'.repeat(keys.length));
      expect(node.ports.keyspace.databases[0].isWorthFetching).toBe(true);

      const words = keys.flatMap((key) => [
        ['GET', key],
        ['DEL', key],
        ['GET', key],
        ['SET', key, 'new'],
        ['MGET', key, `${key}none`, '{t}0'],
        ['nonsense', key],
        ['GET'],
      ]);
      client.feed(encodeCommands(words));
      const expected = keys.map(
        (key) =>
          `${bulk(VALUE + key)}:1\r\n$-1\r\n+OK\r\n*3\r\n${bulk('new')}$-1\r\n${bulk('new')}` +
          `-ERR unknown command 'nonsense', with args beginning with: '${key}' \r\n` +
          `-ERR wrong number of arguments for 'get' command\r\n`,
      );
      expect(client.take()).toBe(expected.join(''));
    },
  );

  test('says what was wrong with the stream after the replies of what came before', () => {
    const client = new TestNode().connect();
    const feed = (): void => client.feed(Buffer.from('PING\r\n*1\r\n$4\r\nPING\r\n*1\r\n!\r\n'));
    expect(feed).toThrow("Protocol error: expected '$', got '!'");
    expect(client.take()).toBe('+PONG\r\n+PONG\r\n');
  });
});

describe('logging in', () => {
  test('nothing but HELLO, AUTH, RESET and QUIT runs before it', () => {
    const client = new TestNode({ password: 'secret' }).connect();
    for (const name of ['GET a', 'PING', 'CLIENT ID', 'INFO', 'COMMAND', 'SUBSCRIBE a']) {
      expect(client.run(...name.split(' ')), name).toBe(NOAUTH);
    }
    expect(client.run('AUTH', 'secret')).toBe('+OK\r\n');
    expect(client.run('PING')).toBe('+PONG\r\n');
    expect(client.run('RESET')).toBe('+RESET\r\n');
    expect(client.run('PING')).toBe(NOAUTH);
  });

  test('a client that came before the password was set goes on', () => {
    const node = new TestNode({ password: 'secret' });
    const client = node.connect();
    client.session.authenticated = true;
    expect(client.run('PING')).toBe('+PONG\r\n');
  });
});

describe('DEBUG', () => {
  test('is refused where enable-debug-command is no, or local for a client from elsewhere', () => {
    const refusal = /^-ERR DEBUG command not allowed\./;
    expect(new TestNode({ debug: 'no' }).connect().run('DEBUG', 'LOG', 'x')).toMatch(refusal);
    const node = new TestNode({ debug: 'local' });
    expect(node.connect({ isLocal: false }).run('DEBUG', 'LOG', 'x')).toMatch(refusal);
    expect(node.connect({ isLocal: true }).run('DEBUG', 'LOG', 'x')).toBe('+OK\r\n');
    expect(node.calls).toEqual(['log x']);
  });

  test('sleeps and logs', () => {
    const node = new TestNode({ debug: 'yes' });
    const client = node.connect();
    expect(client.run('DEBUG', 'SLEEP', '0.5')).toBe('+OK\r\n');
    expect(client.run('DEBUG', 'SLEEP', 'nonsense')).toBe('+OK\r\n');
    expect(client.run('DEBUG', 'LOG', 'caf\u00e9')).toBe('+OK\r\n');
    expect(node.calls).toEqual(['sleep 0.5', 'sleep 0', 'log caf\u00e9']);
    expect(client.run('DEBUG', 'CLUSTERLINK', 'KILL', 'all', 'x')).toMatch(
      /only available for cluster/,
    );
    expect(client.run('DEBUG', 'HELP')).toMatch(/\+SLEEP <seconds>\r\n/);
  });
});

describe('counters', () => {
  test('calls, failures and refusals by command; errors by their first word', () => {
    const node = new TestNode();
    const client = node.connect();
    client.run('SET', 'a', '1');
    client.run('GET', 'a');
    client.run('GET', 'b');
    client.run('SET', 'a', '1', 'FOO');
    client.run('GET');
    client.run('NOTHING');
    const { stats } = node.processor;
    const id = (name: string): number =>
      COMMAND_TABLE.all.find(({ fullName }) => fullName === name)!.id;
    expect(stats.calls[id('get')]).toBe(2);
    expect(stats.rejected[id('get')]).toBe(1);
    expect(stats.calls[id('set')]).toBe(2);
    expect(stats.failed[id('set')]).toBe(1);
    expect(stats.commandsProcessed).toBe(4);
    expect([stats.keyspaceHits, stats.keyspaceMisses]).toEqual([1, 1]);
    expect([...stats.errors]).toEqual([['ERR', 3]]);

    expect(client.run('INFO', 'commandstats')).toMatch(
      /cmdstat_get:calls=2,usec=\d+,usec_per_call=[\d.]+,rejected_calls=1,failed_calls=0\r\n/,
    );
    expect(client.run('INFO', 'errorstats')).toContain('errorstat_ERR:count=3');
    client.run('CONFIG', 'RESETSTAT');
    expect(node.calls).toEqual(['resetStats']);
    expect(client.run('INFO', 'errorstats')).not.toContain('errorstat_ERR');
  });

  test('the time of a command is that of the calls that were timed, extended to all', () => {
    const node = new TestNode();
    let nowUs = 0;
    Object.assign(node.ports.clock, { monotonicUs: () => (nowUs += 5) });
    const client = node.connect();
    for (let i = 0; i < 20; i++) client.run('GET', 'a');
    for (let i = 0; i < 3; i++) client.run('KEYS', '*');
    const text = client.run('INFO', 'commandstats');
    expect(text).toContain('cmdstat_get:calls=20,usec=100,usec_per_call=5.00,');
    expect(text).toContain('cmdstat_keys:calls=3,usec=15,usec_per_call=5.00,');
    expect(nowUs).toBeLessThan(5 * 2 * 6 + 1);
  });

  test('error words that a client makes up do not grow the table without end', () => {
    const node = new TestNode();
    for (let i = 0; i < 1000; i++) node.processor.stats.countError(`WORD${i} text`);
    expect(node.processor.stats.errors.size).toBe(128);
    expect(node.processor.stats.errorReplies).toBe(1000);
  });
});

test('SHUTDOWN asks the server to end and answers nothing', () => {
  const node = new TestNode();
  const client = node.connect();
  expect(client.run('SHUTDOWN')).toBe('');
  expect(client.run('SHUTDOWN', 'nosave', 'NOW', 'FORCE')).toBe('');
  expect(client.run('SHUTDOWN', 'SAVE')).toBe('');
  expect(client.run('SHUTDOWN', 'SAFE')).toBe('');
  expect(client.run('SHUTDOWN', 'FAILOVER')).toMatch(/^-ERR SHUTDOWN FAILOVER is not supported/);
  expect(node.calls).toEqual([
    'shutdown default now=false force=false',
    'shutdown nosave now=true force=true',
    'shutdown save now=false force=false',
    'shutdown default now=false force=false',
  ]);
});

test('TIME gives seconds and microseconds', () => {
  const node = new TestNode();
  node.nowMs = 1_700_000_000_123;
  expect(node.connect().run('TIME')).toBe('*2\r\n$10\r\n1700000000\r\n$6\r\n123007\r\n');
});

describe('INFO', () => {
  test('has the sections that were asked for, in one order', () => {
    const client = new TestNode().connect();
    const titles = (...args: string[]): string[] =>
      [...client.run('INFO', ...args).matchAll(/# (\w+)\r\n/g)].map((match) => match[1]);
    expect(titles()).toEqual([
      ...['Server', 'Clients', 'Memory', 'Persistence', 'Stats', 'Replication', 'CPU', 'Modules'],
      ...['Errorstats', 'Cluster', 'Keyspace'],
    ]);
    expect(titles('default')).toEqual(titles());
    expect(titles('everything')).toHaveLength(13);
    expect(titles('ALL')).toEqual(titles('everything'));
    expect(titles('keyspace', 'Server')).toEqual(['Server', 'Keyspace']);
    expect(titles('nothing')).toEqual([]);
  });

  test('says what clients and tools look for', () => {
    const node = new TestNode();
    const client = node.connect();
    node.connect().run('SUBSCRIBE', 'a');
    client.run('SET', 'a', '1', 'EX', '100');
    client.run('SET', 'b', '1');
    const info = client.run('INFO', 'everything');
    for (const line of [
      'redis_version:7.2.4',
      'server_name:slotmesh',
      'redis_mode:standalone',
      'connected_clients:2',
      'pubsub_clients:1',
      'used_memory_human:1.06M',
      'maxmemory_policy:noeviction',
      'loading:0',
      'role:master',
      'cluster_enabled:0',
      'pubsub_channels:1',
      'db0:keys=2,expires=1,avg_ttl=100000',
    ]) {
      expect(info).toContain(`\r\n${line}\r\n`);
    }
    expect(testCluster().node.connect().run('INFO')).toContain('redis_mode:cluster');
  });

  test('is verbatim text in RESP3', () => {
    const client = new TestNode().connect();
    client.run('HELLO', '3');
    expect(client.run('INFO', 'cluster')).toBe('=34\r\ntxt:# Cluster\r\ncluster_enabled:0\r\n\r\n');
  });
});

describe('keys that have expired', () => {
  test('are gone for every command', () => {
    const node = new TestNode();
    const client = node.connect();
    client.run('SET', 'a', '1', 'PX', '10');
    node.nowMs += 10;
    expect(client.run('EXISTS', 'a')).toBe(':1\r\n');
    node.nowMs += 1;
    expect(client.run('DBSIZE')).toBe(':1\r\n');
    expect(client.run('GET', 'a')).toBe('$-1\r\n');
    expect(client.run('DBSIZE')).toBe(':0\r\n');
    client.run('SET', 'a', '1', 'PX', '10');
    node.nowMs += 11;
    expect(client.run('SET', 'a', '2', 'XX')).toBe('$-1\r\n');
    expect(client.run('SET', 'a', '2', 'NX', 'KEEPTTL')).toBe('+OK\r\n');
    expect(client.run('TTL', 'a')).toBe(':-1\r\n');
  });
});

test('arguments of any length cost what they weigh, and patterns have a limit', () => {
  const client = new TestNode().connect();
  const long = 'x'.repeat(1_000_000);
  expect(client.run('CLIENT', 'SETNAME', long)).toBe('+OK\r\n');
  expect(client.run('CLIENT', 'GETNAME')).toBe(`$1000000\r\n${long}\r\n`);
  expect(client.run('SCAN', `${'0'.repeat(1_000_000)}7`)).toMatch(/^\*2\r\n/);
  expect(client.run('SET', 'k', 'v', 'EX', '1'.repeat(1_000_000))).toMatch(/^-ERR value is not/);
  const pattern = '[a]'.repeat(30_000);
  const tooLong = '-ERR a pattern has at most 65536 bytes\r\n';
  for (const command of ['KEYS', 'PSUBSCRIBE', 'CONFIG GET', 'PUBSUB CHANNELS', 'SCAN 0 MATCH']) {
    expect(client.run(...command.split(' '), pattern), command).toBe(tooLong);
  }
  expect(client.run('COMMAND', 'LIST', 'FILTERBY', 'PATTERN', pattern)).toBe(tooLong);
  expect(client.run('PSUBSCRIBE', 'a', pattern)).toBe(tooLong);
  expect(client.session.subscriptionCount).toBe(0);
});

test('a database that is full is an error, in place of whatever was written before', () => {
  const node = new TestNode();
  const client = node.connect();
  node.keyspace.databases[0].setString = () => {
    throw new ArenaFullError();
  };
  client.run('APPEND', 'a', '1');
  expect(client.run('SET', 'a', '1', 'GET')).toBe('-OOM this database cannot hold more data\r\n');
  expect(client.run('PING')).toBe('+PONG\r\n');
});
