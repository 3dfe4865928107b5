// The harness itself, held against redis-server: a cluster forms, fails over by each kind of fault, and leaves nothing.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeWithRedis } from '../../../../scripts/testing/real-redis.ts';
import { REPLICATED } from '../../bench/support/replicated.ts';
import { eventually } from '../interop/support/wait.ts';
import { ReplicaCluster } from '../support/replicas/replica-cluster.ts';
import { replicationState } from '../support/replicas/replication-state.ts';

/** What has ended and was not waited for by a parent is still listed, but not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (error) {
    // Where there is no /proc the signal is all that can be asked.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync('/proc/self/stat');
  }
}

describeWithRedis('a cluster with replicas', () => {
  it.each(REPLICATED)('of $name fails over by each kind of fault', async ({ kind, args }) => {
    const cluster = await ReplicaCluster.start({ kind, args, nodeTimeoutMs: 1000, cuttable: true });
    try {
      expect(cluster.members).toHaveLength(6);
      expect(cluster.shards.map(({ lastSlot }) => lastSlot)).toEqual([5460, 10921, 16383]);
      const [killed, paused, isolated] = await cluster.primariesNow();
      await killed.server.call('SET', '{06S}', 'kept'); // slot 0

      const heirs = [];
      await cluster.kill(killed);
      heirs.push(await cluster.untilReplaced(killed));
      await cluster.restart(killed);
      await cluster.untilSettled();
      cluster.pause(paused);
      heirs.push(await cluster.untilReplaced(paused));
      cluster.resume(paused);
      await cluster.untilSettled();
      cluster.network?.isolate(isolated.seat!);
      heirs.push(await cluster.untilReplaced(isolated));
      // It can be reached all the time, though not by its peers.
      expect(await isolated.server.call('PING')).toBe('PONG');
      cluster.network?.healAll();
      await cluster.untilSettled({ atRest: true });

      expect(await cluster.primariesNow()).toEqual(heirs);
      for (const old of [killed, paused, isolated]) {
        expect((await replicationState(old.server)).role).toBe('replica');
      }
      expect(await heirs[0].server.call('GET', '{06S}')).toBe('kept');
      const { parent } = await replicationState(heirs[0].server);
      expect(parent?.lastOffset).toBeGreaterThan(0);
    } finally {
      await cluster.dispose();
    }
    for (const { server } of cluster.members) {
      expect(server.isRunning).toBe(false);
      expect(existsSync(server.directory.path)).toBe(false);
    }
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'is gone when the program that started it ends by %s, a paused node as well',
    async (signal) => {
      const register = new URL('../../../../scripts/lib/register-ts.mjs', import.meta.url).href;
      const script = fileURLToPath(new URL('../support/replicas/abandon.ts', import.meta.url));
      const harness: ChildProcess = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', '--import', register, script],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const [line] = await once(harness.stdout!, 'data');
      const nodes = JSON.parse(String(line)) as { pid: number; directory: string }[];
      expect(nodes).toHaveLength(2);
      expect(nodes.map(({ pid }) => isAlive(pid))).toEqual([true, true]);
      harness.kill(signal);
      await once(harness, 'exit');
      await eventually('all is gone', () => {
        for (const { pid, directory } of nodes) {
          expect(isAlive(pid)).toBe(false);
          expect(existsSync(directory)).toBe(false);
        }
      });
    },
  );
});
