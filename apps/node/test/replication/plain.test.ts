// Replication between single servers, ours and real ones in both roles: the data are the same in the end whatever happens
// on the way, and what can be continued is continued.

import { afterEach, describe, expect, it } from 'vitest';
import { describeWithRedis } from '../../../../scripts/testing/real-redis.ts';
import { fields } from '../interop/support/cluster-view.ts';
import {
  ours,
  redisServer,
  type ServerKind,
  type ServerProcess,
} from '../interop/support/server-process.ts';
import { eventually } from '../interop/support/wait.ts';
import {
  errorOf,
  fill,
  infoNumber,
  PlainServers,
  untilEqual,
  WriteLoad,
} from '../support/plain-servers.ts';
import { replicationState } from '../support/replicas/replication-state.ts';

const PAIRS: readonly (readonly [string, ServerKind, ServerKind])[] = [
  ['ours of a real primary', redisServer, ours],
  ['a real one of ours', ours, redisServer],
  ['ours of ours', ours, ours],
];

async function untilLinkUp(replica: ServerProcess): Promise<void> {
  await eventually('the link is up', async () => {
    if (!(await replicationState(replica)).linkUp) throw new Error('it is down');
  });
}

describeWithRedis('a replica', () => {
  const servers = new PlainServers();
  afterEach(() => servers.dispose());

  describe.each(PAIRS)('%s', (_name, primaryKind, replicaKind) => {
    it.each(['yes', 'no'])(
      'has all data while a load writes, with repl-diskless-sync %s, and goes on after a cut',
      async (diskless) => {
        // Room for all that is written until a replica is back, however slow the machine is.
        const room = ['--repl-backlog-size', '256mb'];
        const primary = await servers.start(primaryKind, '--repl-diskless-sync', diskless, ...room);
        await fill(primary, 20_000, 60);
        await primary.call('SELECT', 5);
        await primary.call('SET', 'elsewhere', '5', 'EX', 1000);
        await primary.call('SELECT', 0);
        const load = await WriteLoad.start(primary);
        const replica = await servers.startReplica(replicaKind, primary);
        await untilLinkUp(replica);
        const before = load.writes;
        await eventually('more is written', () => expect(load.writes).toBeGreaterThan(before + 60));
        // The primary cuts all links of replicas: they come back for the rest alone.
        const full = await infoNumber(primary, 'sync_full');
        expect(await primary.call('CLIENT', 'KILL', 'TYPE', 'replica')).toBe(1);
        await eventually('the rest is asked for', async () => {
          expect(await infoNumber(primary, 'sync_partial_ok')).toBe(1);
        });
        // And so they do when they cut it themselves.
        expect(await replica.call('CLIENT', 'KILL', 'TYPE', 'master')).toBe(1);
        await eventually('the rest is asked for again', async () => {
          expect(await infoNumber(primary, 'sync_partial_ok')).toBe(2);
        });
        await load.stop();
        await untilEqual(primary, [replica]);
        expect(await infoNumber(primary, 'sync_full')).toBe(full);
        await replica.call('SELECT', 5);
        expect(await replica.call('GET', 'elsewhere')).toBe('5');
        expect(await replica.call('TTL', 'elsewhere')).toBeGreaterThan(900);
      },
    );

    it('goes on where it was after restarts of both and after a promotion', async () => {
      const save = ['--save', '3600 1'];
      const primary = await servers.start(primaryKind, ...save);
      await fill(primary, 1000, 20);
      const replica = await servers.startReplica(replicaKind, primary, ...save);
      await untilEqual(primary, [replica]);
      expect(await infoNumber(primary, 'sync_full')).toBe(1);

      // The replica from its file.
      await replica.kill('SIGTERM');
      await primary.call('SET', 'while-the-replica-was-away', '1');
      await replica.start();
      await untilEqual(primary, [replica]);
      expect(await infoNumber(primary, 'sync_full')).toBe(1);
      expect(await infoNumber(primary, 'sync_partial_ok')).toBe(1);

      // The primary from its file.
      await primary.kill('SIGTERM');
      await primary.start();
      await untilEqual(primary, [replica]);
      expect(await infoNumber(primary, 'sync_full')).toBe(0);
      expect(await infoNumber(primary, 'sync_partial_ok')).toBe(1);
      await primary.call('SET', 'after-the-restart', '1');
      await untilEqual(primary, [replica]);

      // The replica takes over; its former primary follows it, and knows the history by its second name.
      const { stream } = await replicationState(primary);
      expect(await replica.call('REPLICAOF', 'NO', 'ONE')).toBe('OK');
      await replica.call('SET', 'after-the-promotion', '1');
      expect((await replicationState(replica)).parent?.stream).toBe(stream);
      expect(await primary.call('REPLICAOF', '127.0.0.1', replica.port)).toBe('OK');
      await untilEqual(replica, [primary]);
      expect(await infoNumber(replica, 'sync_full')).toBe(0);
      expect(await infoNumber(replica, 'sync_partial_ok')).toBe(1);
      expect(await primary.call('GET', 'after-the-promotion')).toBe('1');
    });
  });

  it('has replicas itself, of both kinds, through ours', async () => {
    const primary = await servers.start(redisServer);
    await fill(primary, 1000, 20);
    const middle = await servers.startReplica(ours, primary);
    await untilLinkUp(middle);
    const leaves = await Promise.all([
      servers.startReplica(redisServer, middle),
      servers.startReplica(ours, middle),
    ]);
    const load = await WriteLoad.start(primary);
    for (const leaf of leaves) await untilLinkUp(leaf);
    await eventually('much is written', () => expect(load.writes).toBeGreaterThan(300));
    await load.stop();
    await untilEqual(primary, [middle, ...leaves]);
    expect(await infoNumber(middle, 'connected_slaves')).toBe(2);
    // The middle becomes the primary: the leaves notice nothing but its new name.
    await middle.call('REPLICAOF', 'NO', 'ONE');
    await middle.call('SET', 'promoted', 1);
    await untilEqual(middle, leaves);
    expect(await infoNumber(middle, 'sync_full')).toBe(2);
    expect(await leaves[0].call('GET', 'promoted')).toBe('1');
  });

  it('gives the password, and waits while it is wrong', async () => {
    const primary = await servers.start(redisServer);
    await primary.call('CONFIG', 'SET', 'requirepass', 'secret');
    await primary.call('SET', 'a', 1);
    const replica = await servers.startReplica(ours, primary, '--masterauth', 'wrong');
    await eventually('it is refused', () => {
      expect(replica.log()).toMatch(/WRONGPASS|invalid password/);
    });
    expect((await replicationState(replica)).linkUp).toBe(false);
    await replica.call('CONFIG', 'SET', 'masterauth', 'secret');
    await untilEqual(primary, [replica]);

    const own = await servers.start(ours);
    await own.call('CONFIG', 'SET', 'requirepass', 'hidden');
    await own.call('SET', 'b', 2);
    const real = await servers.startReplica(redisServer, own, '--masterauth', 'hidden');
    await untilEqual(own, [real]);
  });

  it('with repl-diskless-load loads what comes, and what was there is gone', async () => {
    const primary = await servers.start(redisServer);
    await fill(primary, 3000, 200);
    const modes = ['swapdb', 'on-empty-db', 'disabled'];
    const replicas = await Promise.all(
      modes.map((mode) => servers.start(ours, '--repl-diskless-load', mode)),
    );
    for (const replica of replicas) {
      await replica.call('SET', 'old', 1);
      await replica.call('REPLICAOF', '127.0.0.1', primary.port);
    }
    await untilEqual(primary, replicas);
    for (const replica of replicas) expect(await replica.call('GET', 'old')).toBeNull();
  });

  it('that cannot load a list says which, has nothing half loaded, and comes back without it', async () => {
    const primary = await servers.start(redisServer);
    await fill(primary, 3000, 20);
    await primary.call('RPUSH', 'the-list', 'a', 'b');
    const replica = await servers.startReplica(ours, primary);
    await eventually('it says so', () => {
      expect(replica.log()).toMatch(/the list at key "the-list" in database 0 cannot be loaded/);
    });
    await eventually('nothing is left', async () => {
      expect(await replica.call('DBSIZE')).toBe(0);
    });
    expect((await replicationState(replica)).linkUp).toBe(false);
    await primary.call('DEL', 'the-list');
    await untilEqual(primary, [replica]);
  });

  it('that does not read is dropped at the limit of its output, and comes back', async () => {
    const limit = ['--client-output-buffer-limit', 'replica', '1mb', '1mb', '60'];
    const primary = await servers.start(ours, ...limit);
    const replica = await servers.startReplica(redisServer, primary);
    await untilEqual(primary, [replica]);
    replica.pause();
    try {
      await eventually(
        'it is dropped',
        async () => {
          await fill(primary, 50, 10_000); // each batch is smaller than the backlog
          expect(await infoNumber(primary, 'connected_slaves')).toBe(0);
        },
        { intervalMs: 1 },
      );
    } finally {
      replica.resume();
    }
    expect(primary.log()).toMatch(/client-output-buffer-limit/);
    await untilEqual(primary, [replica]);
  });
});

describeWithRedis('what servers say of replication', () => {
  const servers = new PlainServers();
  afterEach(() => servers.dispose());

  /** What both kinds say, without what differs from run to run. */
  async function tour(kind: ServerKind): Promise<unknown> {
    const primary = await servers.start(kind, '--min-replicas-to-write', '1');
    const noReplicas = await errorOf(primary, 'SET', 'a', 1);
    const alone = await primary.call('ROLE');
    const replica = await servers.startReplica(kind, primary);
    await untilLinkUp(replica);
    await eventually('there are enough replicas', () => primary.call('SET', 'a', 1));
    const waited = await primary.call('WAIT', 1, 10_000);
    await untilEqual(primary, [replica]);
    const [primaryInfo, replicaInfo] = await Promise.all(
      [primary, replica].map(async (server) => {
        const info = fields(await server.text('INFO', 'replication'));
        return [...info.keys()];
      }),
    );
    const role = (await primary.call('ROLE')) as [string, number, [string, string, string][]];
    const replicaRole = (await replica.call('ROLE')) as unknown[];
    const flags = async (server: ServerProcess, type: string) =>
      /flags=(\S+)/.exec(await server.text('CLIENT', 'LIST', 'TYPE', type))?.[1];
    return {
      noReplicas,
      alone,
      waited,
      primaryInfo,
      replicaInfo,
      role: [role[0], typeof role[1], role[2].length, role[2][0][0], typeof role[2][0][2]],
      portIsRight: role[2][0][1] === String(replica.port),
      replicaRole: [...replicaRole.slice(0, 2), replicaRole[3], typeof replicaRole[4]],
      replicaPortIsRight: replicaRole[2] === primary.port,
      readOnly: await errorOf(replica, 'SET', 'a', 2),
      readOnlyMulti: await errorOf(replica, 'FLUSHALL'),
      noWait: await errorOf(replica, 'WAIT', 1, 1),
      flagsOfReplica: await flags(primary, 'replica'),
      flagsOfPrimary: await flags(replica, 'master'),
      already: await replica.call('REPLICAOF', '127.0.0.1', primary.port),
      badPort: await errorOf(replica, 'REPLICAOF', '127.0.0.1', 'x'),
      noOne: await replica.call('REPLICAOF', 'NO', 'ONE'),
      noOneAgain: await replica.call('REPLICAOF', 'NO', 'ONE'),
    };
  }

  it('is what real ones say', async () => {
    const [own, real] = await Promise.all([tour(ours), tour(redisServer)]);
    expect(own).toEqual(real);
  });

  it('a key that has expired stays on the replica until its primary says that it goes', async () => {
    // The primary deletes nothing by itself, so that only a look at the key makes it go.
    for (const [primaryKind, replicaKind] of [
      [redisServer, ours],
      [ours, redisServer],
    ]) {
      const primary = await servers.start(primaryKind);
      await primary.call('DEBUG', 'SET-ACTIVE-EXPIRE', 0);
      const replica = await servers.startReplica(replicaKind, primary);
      await untilLinkUp(replica);
      await primary.call('SET', 'short', 1, 'PX', 1);
      await eventually('it has expired', async () => {
        expect(await replica.call('GET', 'short')).toBeNull();
      });
      expect(await replica.call('DBSIZE')).toBe(1);
      expect(await primary.call('GET', 'short')).toBeNull();
      await untilEqual(primary, [replica]);
      expect(await replica.call('DBSIZE')).toBe(0);
    }
  });
});
