// Our replies against those of the real redis-server, byte by byte, in both protocols. What no two servers have in common
// is taken out in support/transcript.ts; where we differ on purpose the README says so, and the corpus leaves it out.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  describeWithRedis,
  type RedisServer,
  startRedis,
} from '../../../scripts/testing/real-redis.ts';
import { CLUSTER_LINES, CLUSTER_TRANSACTIONS, SERVING_LINES } from './support/cluster-lines.ts';
import { SELF_ID, type TestCluster, testCluster } from './support/cluster-node.ts';
import { grownCommands, grownTransactions, lines, numberCommands } from './support/corpus.ts';
import { AUTH_LINES, LINES } from './support/lines.ts';
import { DEBUG_LINES } from './support/more-lines.ts';
import { TestNode } from './support/test-node.ts';
import {
  differences,
  ourReplies,
  ourSession,
  realReplies,
  realSession,
  type TestCommand,
} from './support/transcript.ts';

const GROWN_SEEDS = 8;
const GROWN_PER_SEED = 500;
const HELLO3: TestCommand = ['HELLO', '3', 'SETNAME', 'x'];

describeWithRedis('replies equal those of redis-server', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  async function compare(commands: readonly TestCommand[], protocol: 2 | 3): Promise<string[]> {
    const first: TestCommand[] = protocol === 3 ? [HELLO3, ['FLUSHALL']] : [['FLUSHALL']];
    const all = [...first, ...commands];
    const theirs = await realReplies(server.port, all);
    const node = new TestNode();
    node.nowMs = Date.now();
    const ours = ourReplies(node, all);
    return differences(all.slice(1), ours.slice(1), theirs.slice(1));
  }

  for (const protocol of [2, 3] as const) {
    for (const [family, text] of Object.entries(LINES)) {
      test(`${family}, RESP${protocol}`, async () => {
        expect((await compare(lines(text), protocol)).join('\n')).toBe('');
      });
    }

    test(`every number in every place, RESP${protocol}`, async () => {
      expect((await compare(numberCommands(), protocol)).join('\n')).toBe('');
    });

    test(`grown commands, RESP${protocol}`, async () => {
      for (let seed = 1; seed <= GROWN_SEEDS; seed++) {
        const found = await compare(grownCommands(seed, GROWN_PER_SEED), protocol);
        expect(found.join('\n'), `seed ${seed}`).toBe('');
      }
    });

    test(`transactions, RESP${protocol}`, async () => {
      for (let seed = 1; seed <= GROWN_SEEDS; seed++) {
        const hello = protocol === 3 ? [HELLO3] : [];
        const commands = [...hello, ['FLUSHALL'], ...grownTransactions(seed, 200)];
        const node = new TestNode();
        node.nowMs = Date.now();
        const ours = ourSession(node, commands).split('\r\n');
        const theirs = (await realSession(server.port, commands)).split('\r\n');
        const at = ours.findIndex((line, i) => line !== theirs[i] && !line.includes('slotmesh'));
        const from = hello.length * 20;
        if (at > from) expect(ours.slice(at - 4, at + 4)).toEqual(theirs.slice(at - 4, at + 4));
        expect(ours.length).toBe(theirs.length);
      }
    });
  }
});

describeWithRedis('DEBUG answers as redis-server does', () => {
  for (const protocol of [2, 3] as const) {
    test(`RESP${protocol}`, async () => {
      const server = await startRedis(['--enable-debug-command', 'yes']);
      const commands = [...(protocol === 3 ? [HELLO3] : []), ...lines(DEBUG_LINES)];
      const node = new TestNode({ debug: 'yes' });
      node.nowMs = Date.now();
      const theirs = await realReplies(server.port, commands);
      expect(differences(commands, ourReplies(node, commands), theirs).join('\n')).toBe('');
      await server.stop();
    });
  }
});

describeWithRedis('with a password, replies equal those of redis-server', () => {
  test('before and after logging in', async () => {
    const server = await startRedis(['--requirepass', 'secret']);
    const commands = lines(AUTH_LINES);
    const node = new TestNode({ password: 'secret' });
    expect(ourSession(node, commands)).toBe(await realSession(server.port, commands));
    await server.stop();
  });
});

describeWithRedis('in cluster mode replies equal those of redis-server', () => {
  for (const protocol of [2, 3] as const) {
    test(`a node alone, RESP${protocol}`, async () => {
      const server = await startRedis({ cluster: true });
      const cluster = testCluster({ port: server.port });
      const compare = await comparison(server, cluster, protocol);
      expect(await compare(lines(CLUSTER_LINES))).toBe('');

      expect(await compare([['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']])).toBe('');
      await untilServing(server, cluster);
      expect(await compare(lines(SERVING_LINES))).toBe('');
      expect(await compare([['FLUSHALL'], ...grownCommands(100, 1000)])).toBe('');
      for (const session of CLUSTER_TRANSACTIONS) {
        const commands = [...(protocol === 3 ? [HELLO3] : []), ...lines(session)];
        const ours = ourSession(cluster.node, commands).replace(/\$\d\r\n7\.\d\.\d+/, '');
        const theirs = (await realSession(server.port, commands)).replace(/\$\d\r\n7\.\d\.\d+/, '');
        const unnumbered = (text: string): string => text.replace(/id\r\n:\d+/, 'id');
        expect(unnumbered(ours), session).toBe(unnumbered(theirs));
      }
      await server.stop();
    });
  }
});

type Comparison = (commands: readonly TestCommand[]) => Promise<string>;

/** In commands and replies `SELF` stands for the node's own id. */
async function comparison(
  server: RedisServer,
  cluster: TestCluster,
  protocol: 2 | 3,
): Promise<Comparison> {
  const [reply] = await realReplies(server.port, [['CLUSTER', 'MYID']]);
  const theirId = reply.split('\r\n')[1];
  const hello = protocol === 3 ? [HELLO3] : [];
  return async (commands) => {
    const as = (id: string): TestCommand[] => [
      ...hello,
      ...commands.map((command) => command.map((word) => (word === 'SELF' ? id : word))),
    ];
    const theirs = await realReplies(server.port, as(theirId));
    cluster.node.nowMs = Date.now();
    const ours = ourReplies(cluster.node, as(SELF_ID));
    const from = hello.length;
    return differences(
      as('SELF').slice(from),
      ours.slice(from).map((text) => text.replaceAll(SELF_ID, 'SELF')),
      theirs.slice(from).map((text) => text.replaceAll(theirId, 'SELF')),
    ).join('\n');
  };
}

/** A primary waits a while after its start before it serves. */
async function untilServing(server: RedisServer, cluster: TestCluster): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const [info] = await realReplies(server.port, [['CLUSTER', 'INFO']]);
    if (info.includes('cluster_state:ok')) break;
    await delay(50);
  }
  cluster.settle(3000);
  cluster.settle(3000);
}

describeWithRedis('INFO', () => {
  /** Ours alone, or of Redis 7.2. */
  const own = new Set(['server_name', 'slotmesh_version', 'runtime', 'pubsub_clients']);

  test('has the sections of redis-server, and its names', async () => {
    const server = await startRedis();
    const client = new TestNode().connect();
    for (const words of [
      '',
      'all',
      'everything',
      'default',
      'server memory',
      'ALL foo',
      'foo',
      'cpu',
    ]) {
      const command = ['INFO', ...words.split(' ').filter(Boolean)];
      const [theirs] = await realReplies(server.port, [command]);
      const ours = client.run(...command);
      expect(titles(ours), words).toEqual(titles(theirs));
      const known = new Set(names(theirs));
      expect(names(ours).filter((name) => !known.has(name) && !own.has(name))).toEqual([]);
    }
    await server.stop();
  });

  const titles = (text: string): string[] => [...text.matchAll(/# \w+/g)].map(([title]) => title);
  const names = (text: string): string[] =>
    [...text.matchAll(/\n(?!cmdstat_|errorstat_|latency)(\w+):/g)].map(([, name]) => name);
});
