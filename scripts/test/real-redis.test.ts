import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  BUS_PORT_OFFSET,
  describeWithRedis,
  freeClusterPort,
  freePort,
  runRedisCli,
  startRedis,
  temporaryDirectory,
} from '../testing/real-redis.ts';

describe('ports and folders', () => {
  it('never hands out the same port twice, nor one that somebody listens on', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
    expect(new Set(ports).size).toBe(50);
    const server = createServer();
    await new Promise<void>((done) => server.listen(ports[0], '127.0.0.1', done));
    const more = await Promise.all(Array.from({ length: 20 }, () => freePort()));
    expect(more).not.toContain(ports[0]);
    server.close();
  });

  it('leaves room for the bus port', async () => {
    const port = await freeClusterPort();
    expect(port + BUS_PORT_OFFSET).toBeLessThan(65_536);
    const server = createServer();
    await new Promise<void>((done) => server.listen(port + BUS_PORT_OFFSET, '127.0.0.1', done));
    server.close();
  });

  it('removes a folder with what is in it', async () => {
    const directory = temporaryDirectory();
    expect(existsSync(directory.path)).toBe(true);
    await directory.remove();
    expect(existsSync(directory.path)).toBe(false);
    await directory.remove();
  });
});

describeWithRedis('a real redis-server', () => {
  it('starts, answers, and stops with its folder removed', async () => {
    const redis = await startRedis();
    const cli = ['-p', String(redis.port)];
    expect(await runRedisCli([...cli, 'SET', 'a', '1'])).toMatchObject({ code: 0, stdout: 'OK\n' });
    expect((await runRedisCli(cli, { input: 'GET a\n' })).stdout).toBe('1\n');
    await redis.stop();
    expect(() => process.kill(redis.pid, 0)).toThrow('ESRCH');
    expect(existsSync(redis.dir)).toBe(false);
  });

  it('starts in cluster mode, and again on the same port and data', async () => {
    const directory = temporaryDirectory();
    const first = await startRedis({ cluster: true, dir: directory.path });
    const id = (await runRedisCli(['-p', String(first.port), 'CLUSTER', 'MYID'])).stdout;
    expect(id).toMatch(/^[0-9a-f]{40}\n$/);
    await first.stop('SIGKILL');
    const again = await startRedis({ cluster: true, dir: directory.path, port: first.port });
    expect((await runRedisCli(['-p', String(again.port), 'CLUSTER', 'MYID'])).stdout).toBe(id);
    await again.stop();
    expect(existsSync(directory.path)).toBe(true);
    await directory.remove();
  });

  it('takes directives as a list, also a password', async () => {
    const redis = await startRedis(['--requirepass', 'secret']);
    const reply = await runRedisCli(['-p', String(redis.port), '-a', 'secret', 'PING']);
    expect(reply.stdout).toBe('PONG\n');
    await redis.stop();
  });

  it('rejects with the log when the server does not start', async () => {
    await expect(startRedis(['--no-such-directive', 'x'])).rejects.toThrow('no-such-directive');
    const redis = await startRedis();
    await expect(startRedis({ port: redis.port })).rejects.toThrow(/Failed listening/);
    await redis.stop();
  });
});
