// Held against real servers, in every place of the topology: our machine follows one, is followed by one, stands between
// two, takes over from one and hands over to one; with links that break and processes that start again.

import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  describeWithRedis,
  type RedisServer,
  runRedisCli,
  startRedis,
  temporaryDirectory,
} from '../../../scripts/testing/real-redis.ts';
import type { ReplicationOptions } from '../src/index.ts';
import { cli, info, RDB } from './support/real.ts';
import { SocketNode, until } from './support/socket-node.ts';

describeWithRedis('beside redis-server', () => {
  const nodes: SocketNode[] = [];
  const servers: RedisServer[] = [];

  async function ours(options: Partial<ReplicationOptions> = {}): Promise<SocketNode> {
    const node = await SocketNode.start(RDB, options);
    nodes.push(node);
    return node;
  }

  async function real(...args: string[]): Promise<RedisServer> {
    const server = await startRedis({ args: ['--repl-diskless-sync-delay', '0', ...args] });
    servers.push(server);
    return server;
  }

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
    await Promise.all(servers.splice(0).map((server) => server.stop('SIGKILL')));
  });

  /** Until both are at the same place of the same history. */
  async function untilSame(node: SocketNode, server: RedisServer): Promise<void> {
    await node.until(async () => {
      const fields = await info(server);
      const { machine } = node.node;
      return (
        fields.get('master_replid') === machine.id &&
        fields.get('master_repl_offset') === String(machine.offset)
      );
    });
  }

  async function untilLinkUp(server: RedisServer, node: SocketNode): Promise<void> {
    await node.until(async () => (await info(server)).get('master_link_status') === 'up');
  }

  async function runWait(server: RedisServer, count: string): Promise<void> {
    // One connection, or the offset would be that of nobody's write.
    const { stdout } = await runRedisCli(['-p', String(server.port)], {
      input: `SET waited 1\nWAIT ${count} 20000\n`,
    });
    expect(stdout.trim().split('\n')).toEqual(['OK', count]);
    for (const node of nodes)
      node.act(({ data }) => data.splice(data.indexOf('0|SET waited 1'), 1));
  }

  const followed = (node: SocketNode): boolean => node.node.machine.facts(0).link?.isUp ?? false;

  describe('as a replica of it', () => {
    for (const { name, args } of [
      { name: 'streamed with an end mark', args: [] },
      { name: 'sent with its length', args: ['--repl-diskless-sync', 'no'] },
    ]) {
      it(`full synchronization, ${name}; the stream; a broken link; WAIT`, async () => {
        const primary = await real(...args);
        await cli(primary, 'SET', 'before', 'x');
        const node = await ours();
        node.act((n) => n.follow(primary.port));
        await node.until(() => followed(node));
        await cli(primary, 'SET', 'a', '1');
        await cli(primary, '-n', '3', 'SET', 'b', '2');
        await untilSame(node, primary);
        expect(node.node.data).toEqual(['0|SET a 1', '3|SET b 2']);
        expect((await info(primary)).get('slave0')).toMatch(
          new RegExp(`ip=127.0.0.1,port=${node.port},state=online,offset=\\d+,lag=[01]`),
        );
        // WAIT asks for an ack in the stream, and the primary gets one.
        await runWait(primary, '1');

        node.cut();
        await cli(primary, '-n', '3', 'SET', 'c', '3');
        await untilSame(node, primary);
        expect(node.node.data).toEqual(['0|SET a 1', '3|SET b 2', '3|SET c 3']);
        const stats = await info(primary, 'stats');
        expect(stats.get('sync_full')).toBe('1');
        expect(stats.get('sync_partial_ok')).toBe('1');
      });
    }

    it('a transaction is applied as one, and a lost backlog means all of it again', async () => {
      const primary = await real('--repl-backlog-size', '16kb');
      const node = await ours();
      node.act((n) => n.follow(primary.port));
      await node.until(() => followed(node));
      await cli(primary, 'EVAL', "redis.call('SET','x','1') redis.call('SET','y','2')", '0');
      await untilSame(node, primary);
      expect(node.node.data).toEqual(['0|SET x 1', '0|SET y 2']);
      node.act((n) => n.follow(1));
      await cli(primary, 'EVAL', "for i=1,5000 do redis.call('SET','k'..i,'v') end", '0');
      node.act((n) => n.follow(primary.port));
      await untilSame(node, primary);
      expect((await info(primary, 'stats')).get('sync_full')).toBe('2');
    });

    it('a password; a wrong one', async () => {
      const primary = await real('--requirepass', 'secret');
      const stranger = await ours({ password: 'guess' });
      stranger.act((n) => n.follow(primary.port));
      await stranger.until(() =>
        stranger.node.notices.some(
          (notice) => notice.kind === 'linkDropped' && notice.reply.startsWith('-WRONGPASS'),
        ),
      );
      const node = await ours({ password: 'secret', user: 'default', announceHost: '10.1.2.3' });
      node.act((n) => n.follow(primary.port));
      await node.until(() => followed(node));
      expect(
        await cli(primary, '--no-auth-warning', '-a', 'secret', 'INFO', 'replication'),
      ).toMatch(`slave0:ip=10.1.2.3,port=${node.port},`);
    });

    it('starts again from what it saved', async () => {
      const primary = await real();
      const node = await ours();
      node.act((n) => n.follow(primary.port));
      await node.until(() => followed(node));
      await cli(primary, '-n', '2', 'SET', 'a', '1');
      await untilSame(node, primary);
      node.act((n) => n.save());
      node.cut();
      node.act((n) => n.restart(primary.port));
      await cli(primary, '-n', '2', 'SET', 'b', '2');
      await untilSame(node, primary);
      expect(node.node.data).toEqual(['2|SET a 1', '2|SET b 2']);
      expect((await info(primary, 'stats')).get('sync_full')).toBe('1');
    });
  });

  describe('as its primary', () => {
    it('REPLCONF and PSYNC get the same replies', async () => {
      const node = await ours();
      const server = await real();
      const commands = [
        ['REPLCONF'],
        ['REPLCONF', 'listening-port'],
        ['REPLCONF', 'listening-port', 'x'],
        ['REPLCONF', 'listening-port', '-5'],
        ['REPLCONF', 'listening-port', '99999999999999999999'],
        ['REPLCONF', 'LISTENING-PORT', '7', 'ip-address', '', 'capa', 'from-the-future'],
        ['REPLCONF', 'ip-address', 'x'.repeat(255)],
        ['REPLCONF', 'ip-address', 'x'.repeat(256)],
        ['REPLCONF', 'rdb-only', '1'],
        ['REPLCONF', 'rdb-only', '2'],
        ['REPLCONF', 'rdb-only', 'x'],
        ['REPLCONF', 'rdb-filter-only', 'functions'],
        ['REPLCONF', 'rdb-filter-only', ''],
        ['REPLCONF', 'rdb-filter-only', 'data'],
        ['REPLCONF', 'rdb-filter-only', "'functions"],
        ['REPLCONF', 'version', '7.0.15'],
        ['REPLCONF', 'listening-port', '7', 'no\nsuch', 'option'],
        ['PSYNC', '?', 'x'],
        ['PSYNC', '?', '1', 'FAILOVER'],
        ['PSYNC', '?'],
      ];
      for (const command of commands) {
        const expected = await cli(server, ...command);
        expect(`${command.join(' ')}: ${await cli(node, ...command)}`).toBe(
          `${command.join(' ')}: ${expected}`,
        );
      }
    });

    for (const disklessSync of [true, false]) {
      it(`full and partial synchronization, ${disklessSync ? 'end mark' : 'length'}`, async () => {
        const node = await ours({ disklessSync });
        const replica = await real('--replica-announce-ip', 'somewhere.example');
        await cli(replica, 'SET', 'old', 'data');
        await cli(replica, 'REPLICAOF', '127.0.0.1', String(node.port));
        await untilLinkUp(replica, node);
        expect(await cli(replica, 'DBSIZE')).toBe('0');
        node.act((n) => n.write(0, 'SET', 'a', '1'));
        node.act((n) => n.write(12, 'SET', 'b', 'x'.repeat(300)));
        node.act((n) => n.writeTransaction(1, 3));
        await untilSame(node, replica);
        expect(await cli(replica, 'GET', 'a')).toBe('1');
        expect(await cli(replica, '-n', '12', 'GET', 'b')).toBe('x'.repeat(300));
        expect(await cli(replica, '-n', '1', 'DBSIZE')).toBe('3');

        const { machine } = node.node;
        node.act((n) =>
          n.step({ kind: 'wait', waiter: 7, offset: machine.offset, count: 1, timeoutMs: 0 }),
        );
        await node.until(() => node.node.waits.length > 0);
        expect(node.node.waits).toEqual([{ waiter: 7, count: 1, reason: 'acked' }]);
        const [facts] = machine.facts(node.nowMs()).replicas;
        expect(facts).toMatchObject({
          host: 'somewhere.example',
          port: replica.port,
          state: 'online',
        });

        node.cut();
        node.act((n) => n.write(1, 'SET', 'c', '3'));
        await untilLinkUp(replica, node);
        await untilSame(node, replica);
        expect(await cli(replica, '-n', '1', 'GET', 'c')).toBe('3');
        expect(machine.facts(node.nowMs())).toMatchObject({ fullSyncs: 1, partialSyncs: 1 });
        expect(replica.log()).toContain('Successful partial resynchronization with master');
      });
    }

    it('a real replica that was restarted goes on from its file', async () => {
      const directory = temporaryDirectory('slotmesh-replication-');
      const node = await ours();
      const first = await startRedis({ dir: directory.path });
      await cli(first, 'REPLICAOF', '127.0.0.1', String(node.port));
      await untilLinkUp(first, node);
      node.act((n) => n.write(2, 'SET', 'a', '1'));
      await untilSame(node, first);
      await cli(first, 'SHUTDOWN', 'SAVE');
      await first.stop();
      node.act((n) => n.write(2, 'SET', 'b', '2'));
      const args = ['--replicaof', '127.0.0.1', String(node.port)];
      const again = await startRedis({ dir: directory.path, args });
      servers.push(again);
      await untilSame(node, again);
      expect(await cli(again, '-n', '2', 'MGET', 'a', 'b')).toBe('1\n2');
      expect(node.node.machine.facts(0)).toMatchObject({ fullSyncs: 1, partialSyncs: 1 });
      await again.stop('SIGKILL');
      await directory.remove();
    });

    it('redis-cli takes a snapshot', async () => {
      const node = await ours();
      const directory = temporaryDirectory('slotmesh-replication-');
      await cli(node, '--rdb', `${directory.path}/file.rdb`);
      const file = await readFile(`${directory.path}/file.rdb`);
      expect(file.toString('latin1')).toMatch(/^REDIS0010.*\xff\0{8}$/s);
      await node.until(() => node.node.machine.facts(0).replicas.length === 0);
      await directory.remove();
    });
  });

  describe('a change of roles', () => {
    it('it takes over from us: we go on under its name', async () => {
      const node = await ours();
      const heir = await real();
      await cli(heir, 'REPLICAOF', '127.0.0.1', String(node.port));
      await untilLinkUp(heir, node);
      node.act((n) => n.write(1, 'SET', 'a', '1'));
      await untilSame(node, heir);
      const oldId = node.node.machine.id;
      await cli(heir, 'REPLICAOF', 'NO', 'ONE');
      await cli(heir, '-n', '1', 'SET', 'b', '2');
      node.act((n) => n.follow(heir.port));
      await untilSame(node, heir);
      expect(node.node.data).toEqual(['1|SET a 1', '1|SET b 2']);
      expect((await info(heir, 'stats')).get('sync_full')).toBe('0');
      const facts = node.node.machine.facts(0);
      expect(facts.secondId).toBe(oldId);
      expect(facts.id).not.toBe(oldId);
    });

    it('we take over from it: it goes on under our name', async () => {
      const old = await real();
      const node = await ours();
      node.act((n) => n.follow(old.port));
      await node.until(() => followed(node));
      await cli(old, '-n', '1', 'SET', 'a', '1');
      await untilSame(node, old);
      const oldId = node.node.machine.id;
      node.act((n) => n.step({ kind: 'followNobody' }));
      node.act((n) => n.write(1, 'SET', 'b', '2'));
      await cli(old, 'REPLICAOF', '127.0.0.1', String(node.port));
      await untilLinkUp(old, node);
      await untilSame(node, old);
      expect(await cli(old, '-n', '1', 'MGET', 'a', 'b')).toBe('1\n2');
      expect(node.node.machine.facts(0)).toMatchObject({ fullSyncs: 0, partialSyncs: 1 });
      const fields = await info(old);
      expect(fields.get('master_replid2')).toBe(oldId);
      expect(fields.get('second_repl_offset')).toBe(
        String(node.node.machine.facts(0).secondOffset),
      );
    });

    it('what the old primary wrote alone is not taken for shared history', async () => {
      const old = await real();
      const node = await ours();
      node.act((n) => n.follow(old.port));
      await node.until(() => followed(node));
      await cli(old, 'SET', 'a', '1');
      await untilSame(node, old);
      node.act((n) => n.step({ kind: 'followNobody' }));
      await cli(old, 'SET', 'lost', '1');
      node.act((n) => n.write(0, 'SET', 'b', 'a longer value than the lost one'));
      await cli(old, 'REPLICAOF', '127.0.0.1', String(node.port));
      await untilLinkUp(old, node);
      await untilSame(node, old);
      expect(await cli(old, 'EXISTS', 'lost')).toBe('0');
      expect(node.node.machine.facts(0)).toMatchObject({ fullSyncs: 1, partialSyncsRefused: 1 });
    });

    it('between two real servers it passes on every byte', async () => {
      const top = await real();
      const node = await ours();
      const leaf = await real();
      await cli(leaf, 'REPLICAOF', '127.0.0.1', String(node.port));
      node.act((n) => n.follow(top.port));
      await node.until(() => followed(node));
      await cli(top, '-n', '5', 'SET', 'a', '1');
      await untilSame(node, top);
      await untilSame(node, leaf);
      expect(await cli(leaf, '-n', '5', 'GET', 'a')).toBe('1');
      // The leaf goes on with the top itself.
      await cli(leaf, 'REPLICAOF', '127.0.0.1', String(top.port));
      await cli(top, '-n', '5', 'SET', 'b', '2');
      await until(async () => (await cli(leaf, '-n', '5', 'GET', 'b')) === '2');
      expect((await info(top, 'stats')).get('sync_partial_ok')).toBe('1');
    });
  });
});
