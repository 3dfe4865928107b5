// `slotmesh-cluster` (what `npm start` runs): one command gives a cluster that a client can use, Ctrl-C takes all of it
// away, and the next start finds it again.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  BUS_PORT_OFFSET,
  freeClusterPort,
  freePort,
  temporaryDirectory,
} from '../../../../scripts/testing/ports.ts';
import { clientLibraries } from './support/cluster-clients.ts';
import { clusterInfo, clusterNodes, fields } from './support/cluster-view.ts';
import { RespConnection } from './support/resp-connection.ts';
import { eventually } from './support/wait.ts';

const bin = fileURLToPath(new URL('../../bin/slotmesh-cluster', import.meta.url));

/** A launcher that is running or has ended. */
interface Launcher {
  readonly process: ChildProcess;
  output(): string;
  exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const launchers = new Set<Launcher>();

function launch(...args: readonly string[]): Launcher {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const launcher: Launcher = {
    process: child,
    output: () => output,
    exit: once(child, 'close').then(([code, signal]) => ({ code, signal })),
  };
  launchers.add(launcher);
  launcher.exit.finally(() => launchers.delete(launcher));
  return launcher;
}

/** Ports in a row that are free together with their bus ports. */
async function freePorts(count: number): Promise<number[]> {
  for (;;) {
    const first = await freeClusterPort();
    const ports = Array.from({ length: count }, (_, i) => first + i);
    const all = ports.slice(1).flatMap((port) => [port, port + BUS_PORT_OFFSET]);
    if ((await Promise.all(all.map(isFree))).every(Boolean)) return ports;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  const free = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.close();
  return free;
}

/** One question to the node on a port. */
async function ask(port: number, ...args: readonly string[]): Promise<string> {
  const connection = await RespConnection.open(port);
  try {
    return String(await connection.call(...args));
  } finally {
    connection.close();
  }
}

const node = (port: number) => ({
  text: (...args: readonly (string | number)[]) => ask(port, ...args.map(String)),
});

/** Waits until the nodes serve all slots; gives their ids and process ids. */
function untilServing(
  launcher: Launcher,
  ports: readonly number[],
): Promise<{ ids: string[]; pids: number[] }> {
  return eventually('the launched cluster serves', async () => {
    if (launcher.process.exitCode !== null) throw new Error(`it ended:\n${launcher.output()}`);
    const ids: string[] = [];
    const pids: number[] = [];
    for (const port of ports) {
      const info = await clusterInfo(node(port));
      expect(info.get('cluster_state')).toBe('ok');
      expect(info.get('cluster_slots_ok')).toBe('16384');
      expect(await clusterNodes(node(port))).toHaveLength(ports.length);
      ids.push(await ask(port, 'CLUSTER', 'MYID'));
      pids.push(Number(fields(await ask(port, 'INFO', 'server')).get('process_id')));
    }
    return { ids, pids };
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('slotmesh-cluster', () => {
  const directory = temporaryDirectory('slotmesh-launcher-');
  afterEach(async () => {
    const forgotten = [...launchers];
    for (const { process } of forgotten) process.kill('SIGTERM');
    await Promise.all(forgotten.map(({ exit }) => exit));
  });
  afterAll(() => directory.remove());

  it('starts a cluster, stops it on Ctrl-C, finds it again, and forgets it with --reset', async () => {
    const ports = await freePorts(6);
    const [first] = ports;
    // Three primaries with a replica each, unless told otherwise.
    const options = ['--port', String(first), '--dir', join(directory.path, 'c')];

    const launcher = launch(...options);
    const { ids, pids } = await untilServing(launcher, ports);
    expect(new Set(ids).size).toBe(6);
    expect(new Set([...pids, launcher.process.pid]).size).toBe(7); // each node its own process
    await eventually('it says how to connect', () => {
      for (const port of ports) expect(launcher.output()).toContain(String(port));
      expect(launcher.output()).toContain(`redis-cli -c -p ${first}`);
      expect(launcher.output()).toContain('ioredis');
      for (const port of ports.slice(0, 3)) {
        expect(launcher.output()).toContain(`replica of ${port}`);
      }
    });

    const client = await clientLibraries[0].connect(first);
    const keys = Array.from({ length: 100 }, (_, i) => `key:${i}`);
    await Promise.all(keys.map((key) => client.set(key, key)));
    expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys);
    await client.quit();
    expect(client.errors).toEqual([]);

    launcher.process.kill('SIGINT');
    expect(await launcher.exit).toEqual({ code: 0, signal: null });
    expect(pids.filter(isAlive)).toEqual([]);

    const again = launch(...options);
    expect((await untilServing(again, ports)).ids).toEqual(ids);
    const later = await clientLibraries[0].connect(first);
    expect(await Promise.all(keys.map((key) => later.get(key)))).toEqual(keys);
    await later.quit();
    again.process.kill('SIGTERM');
    await again.exit;

    const reset = launch(...options, '--reset');
    const fresh = await untilServing(reset, ports);
    expect(fresh.ids.filter((id) => ids.includes(id))).toEqual([]);
    reset.process.kill('SIGINT');
    await reset.exit;
    expect(fresh.pids.filter(isAlive)).toEqual([]);
  });

  /** Expects the launcher to end by itself, with one line that says why. */
  async function expectRefused(args: readonly string[], why: RegExp): Promise<void> {
    const launcher = launch(...args);
    const { code, signal } = await launcher.exit;
    expect(signal).toBeNull();
    expect(code, launcher.output()).not.toBe(0);
    expect(launcher.output()).toMatch(why);
    expect(launcher.output()).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m); // no stack trace
  }

  it('refuses a port that is taken, and leaves nothing running', async () => {
    const [first] = await freePorts(6);
    const stranger = createServer();
    await new Promise<void>((done) => stranger.listen(first + 1, '127.0.0.1', done));
    const options = ['--port', String(first), '--dir', join(directory.path, 'taken')];
    await expectRefused(options, new RegExp(`${first + 1}`));
    for (const port of [first, first + 2, first + 5]) {
      expect(await isFree(port)).toBe(true);
      expect(await isFree(port + BUS_PORT_OFFSET)).toBe(true);
    }
    stranger.close();
  });

  it('refuses a folder that cannot be one, and options that make no sense', async () => {
    const file = join(directory.path, 'file');
    writeFileSync(file, '');
    const port = String(await freePort());
    await expectRefused(['--port', port, '--dir', join(file, 'c')], /file/);
    await expectRefused(['--port', port, '--primaries', '0'], /primaries/);
    await expectRefused(['--port', 'http'], /port/);
    await expectRefused(['--colour', 'red'], /colour/);
  });
});
