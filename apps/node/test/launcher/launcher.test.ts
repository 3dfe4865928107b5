// The local cluster: its options, what it keeps on the disk, and that nothing stays behind, however it ends. What it is
// like to use is tested in ../interop.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freeClusterPort } from '../../../../scripts/testing/ports.ts';
import { slotShare } from '../../src/launcher/form-cluster.ts';
import { checkNodes, parseLauncherOptions } from '../../src/launcher/options.ts';

const program = fileURLToPath(new URL('../../bin/slotmesh-cluster', import.meta.url));

let dir: string;
const running = new Set<ChildProcess>();
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slotmesh-launcher-'));
});
afterEach(async () => {
  for (const child of running) {
    child.kill('SIGTERM');
    await once(child, 'close');
  }
  rmSync(dir, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the launcher; `ready` resolves when the cluster is, `ended` with all that it said. */
function launch(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: dir,
    env: { ...process.env, INIT_CWD: dir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const said = { stdout: '', stderr: '' };
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said.stdout += text;
      if (said.stdout.includes('The cluster is ready')) resolve();
    });
    child.once('close', () => reject(new Error(said.stderr)));
  });
  ready.catch(() => undefined);
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.stderr += text;
  });
  const ended: Promise<Ended> = once(child, 'close').then(([code]) => {
    running.delete(child);
    return { code, ...said };
  });
  return { child, ready, ended, said };
}

/** The nodes' process numbers, from the table that is printed. */
function nodePids(stdout: string): number[] {
  return [...stdout.matchAll(/^ +\d+ +(\d+) +[\d-]+ +[0-9a-f]{40}$/gm)].map((match) =>
    Number(match[1]),
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('options', () => {
  it('are read in both forms, a directory from where the user is', () => {
    expect(parseLauncherOptions([], '/home/u')).toEqual({
      primaries: null,
      replicas: null,
      port: null,
      directory: '/home/u/.slotmesh',
      reset: false,
      help: false,
    });
    expect(
      parseLauncherOptions(
        ['--primaries=5', '--replicas', '0', '--port', '7100', '--dir', 'x/y', '--reset'],
        '/home/u',
      ),
    ).toEqual({
      primaries: 5,
      replicas: 0,
      port: 7100,
      directory: '/home/u/x/y',
      reset: true,
      help: false,
    });
    expect(parseLauncherOptions(['--dir', '/abs'], '/home/u').directory).toBe('/abs');
  });

  it.each([
    [['--primaries', '0'], '--primaries must be a number from 1 to 100, not 0'],
    [['--primaries', 'many'], '--primaries must be a number from 1 to 100, not many'],
    [['--replicas', '-1'], '--replicas must be a number from 0 to 99, not -1'],
    [['--port', '70000'], '--port must be a number from 1 to 55535, not 70000'],
    [['--port'], '--port needs a value'],
    [['--dir='], '--dir needs a path'],
    [['--color'], 'unknown option --color'],
    [['7000'], 'unknown option 7000'],
  ])('%j are refused', (args, message) => {
    expect(() => parseLauncherOptions(args, '/')).toThrow(message);
  });

  it('leave room for the last node', () => {
    checkNodes(55_535, 1);
    expect(() => checkNodes(55_534, 3)).toThrow('--port 55534 is too high for 3 nodes');
    checkNodes(7000, 100);
    expect(() => checkNodes(7000, 102)).toThrow('102 nodes are too many: 100 at most');
  });
});

describe('slotShare', () => {
  it.each([1, 2, 3, 7, 10, 100])('gives every slot to one of %i nodes, evenly', (count) => {
    let next = 0;
    for (let i = 0; i < count; i++) {
      const { start, end } = slotShare(i, count);
      expect(start).toBe(next);
      expect(Math.abs(end - start + 1 - SLOT_COUNT / count)).toBeLessThanOrEqual(1);
      next = end + 1;
    }
    expect(next).toBe(SLOT_COUNT);
  });
});

describe('a local cluster', () => {
  it('ends with its launcher, even by kill -9, and is found again', async () => {
    const port = String(await freeClusterPort());
    const args = ['--primaries', '1', '--replicas', '0', '--port', port, '--dir', 'data'];
    const first = launch(args);
    await first.ready;
    const pids = nodePids(first.said.stdout);
    expect(pids).toHaveLength(1);
    const [, id] = first.said.stdout.match(/([0-9a-f]{40})/) ?? [];

    const second = await launch(args).ended;
    expect(second).toMatchObject({
      code: 1,
      stderr: `slotmesh-cluster: the cluster in ${join(dir, 'data')} is running already (process ${first.child.pid})\n`,
    });

    first.child.kill('SIGKILL');
    await first.ended;
    while (pids.some(isAlive)) await new Promise(setImmediate);

    const other = await launch(['--primaries', '2', '--dir', 'data']).ended;
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toMatch(/has 1 primaries, not 2: give --primaries 1, or --reset/);
    const more = await launch(['--replicas', '2', '--dir', 'data']).ended;
    expect(more.stderr).toMatch(/has 0 replicas of each primary, not 2: give --replicas 0, or/);

    // Without options it is the cluster that is there.
    const again = launch(['--dir', 'data']);
    await again.ready;
    expect(again.said.stdout).toContain(id);
    again.child.kill('SIGHUP');
    expect((await again.ended).code).toBe(0);
  });

  it('resets what it made and nothing else', async () => {
    const port = await freeClusterPort();
    const data = join(dir, 'data');
    mkdirSync(join(data, 'mine'), { recursive: true });
    writeFileSync(join(data, 'mine', 'letter.txt'), 'keep');
    writeFileSync(join(data, 'cluster.json'), JSON.stringify({ primaries: 1, port }));
    mkdirSync(join(data, `node-${port}`));
    writeFileSync(join(data, `node-${port}`, 'nodes.conf'), 'damaged');
    const broken = await launch(['--dir', 'data']).ended;
    expect(broken.code).toBe(1);
    expect(broken.stderr).toMatch(
      new RegExp(
        `^slotmesh-cluster: the node on port ${port} did not start: .*corrupted cluster config file.*\\n$`,
      ),
    );
    const reset = launch([
      ...['--dir', 'data', '--reset', '--primaries', '1', '--replicas', '0'],
      ...['--port', String(port)],
    ]);
    await reset.ready;
    reset.child.kill('SIGINT');
    expect((await reset.ended).code).toBe(0);
    expect(readFileSync(join(data, 'mine', 'letter.txt'), 'utf8')).toBe('keep');
    expect(readdirSync(data).sort()).toEqual(['cluster.json', 'mine', `node-${port}`]);
  });

  it('leaves no directory behind where it cannot start', async () => {
    writeFileSync(join(dir, 'file'), '');
    const blocked = await launch(['--dir', 'file/data']).ended;
    expect(blocked).toMatchObject({
      code: 1,
      stderr: `slotmesh-cluster: cannot use ${join(dir, 'file', 'data')}: Not a directory\n`,
    });
    mkdirSync(join(dir, 'other'));
    writeFileSync(join(dir, 'other', 'cluster.json'), '{}');
    const foreign = await launch(['--dir', 'other']).ended;
    expect(foreign.stderr).toBe(
      `slotmesh-cluster: ${join(dir, 'other', 'cluster.json')} is not a cluster's file\n`,
    );
    expect(existsSync(join(dir, 'other', 'cluster.json'))).toBe(true);
  });

  it('says what it can do', async () => {
    const { code, stdout } = await launch(['--help']).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: slotmesh-cluster /);
  });
});
