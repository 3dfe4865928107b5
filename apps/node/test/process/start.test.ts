// How the program starts, what it says while it does, and what it says when it cannot.

import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { describeWithRedis, freeClusterPort } from '../../../../scripts/testing/real-redis.ts';
import { TestClient } from '../support/client.ts';
import { NodeProcess, PROGRAM } from '../support/node-process.ts';

const started: NodeProcess[] = [];
afterEach(async () => {
  for (const node of started.splice(0)) await node.discard();
});

async function start(...args: Parameters<typeof NodeProcess.start>): Promise<NodeProcess> {
  const node = await NodeProcess.start(...args);
  started.push(node);
  return node;
}

function run(...args: Parameters<typeof NodeProcess.run>): NodeProcess {
  const node = NodeProcess.run(...args);
  started.push(node);
  return node;
}

/** A program that cannot start: its exit code, and the last line that it wrote. */
async function refusal(node: NodeProcess): Promise<{ code: number | null; line: string }> {
  const { code, stdout, stderr } = await node.exit;
  return { code, line: `${stdout}${stderr}`.trim().split('\n').at(-1) ?? '' };
}

const LINE = /^(\d+):([CMS]) \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} [.\-*#] (.*)$/;

describe('a start', () => {
  it('writes the lines that tools wait for, in their format, from the process that was started', async () => {
    const node = await start();
    const lines = node.log.trim().split('\n');
    for (const line of lines) expect(line).toMatch(LINE);
    expect(lines.every((line) => line.startsWith(`${node.pid}:`))).toBe(true);
    const messages = lines.map((line) => LINE.exec(line)?.[3] ?? '');
    expect(messages).toContain('Configuration loaded');
    expect(
      messages.some((text) => /^No cluster configuration found, I'm [0-9a-f]{40}$/.test(text)),
    ).toBe(true);
    expect(messages).toContain(`Running mode=cluster, port=${node.port}.`);
    expect(messages.slice(-2)).toEqual(['Server initialized', 'Ready to accept connections']);
    expect(lines.at(-1)).toContain(':M ');
    const client = await node.client();
    expect(await client.text('info', 'server')).toContain(`process_id:${node.pid}\r\n`);
    client.close();
  });

  it('shows its PID in the banner where that is asked for', async () => {
    const node = await start(['--always-show-logo', 'yes']);
    expect(node.log).toMatch(new RegExp(` PID: ${node.pid}\\n.*Server initialized`, 's'));
    expect(node.log).toContain(`Port: ${node.port}`);
  });

  it('logs to a file in dir, writes a pid file, and takes both away from standard output', async () => {
    const node = run([
      '--port',
      '0',
      '--dir',
      '.',
      '--logfile',
      'node.log',
      '--unixsocket',
      'n.sock',
      '--pidfile',
      'n.pid',
      '--unixsocketperm',
      '700',
    ]);
    const log = join(node.dir, 'node.log');
    const ready = () =>
      existsSync(log) && readFileSync(log, 'utf8').includes('ready to accept connections at');
    while (!ready()) await new Promise(setImmediate);
    expect(readFileSync(join(node.dir, 'n.pid'), 'utf8')).toBe(`${node.pid}\n`);
    expect(statSync(join(node.dir, 'n.sock')).mode & 0o777).toBe(0o700);
    const client = await TestClient.connect(join(node.dir, 'n.sock'));
    expect(await client.text('client', 'info')).toContain('addr=n.sock:0');
    client.close();
    const exit = await node.end();
    expect(exit).toMatchObject({ code: 0, stdout: '' });
    expect(existsSync(join(node.dir, 'n.pid'))).toBe(false);
    expect(existsSync(join(node.dir, 'n.sock'))).toBe(false);
  });

  it('takes a file, what it includes, standard input and options, later ones before earlier ones', async () => {
    const port = String(await freeClusterPort());
    const node = run(['redis.conf', '--lfu-log-factor', '44', '-'], {
      dir: prepare({
        'redis.conf': `port ${port}\nbind 127.0.0.1 -::1\nhz 11\ntimeout 22\nlfu-log-factor 33\ninclude conf.d/*.conf\ninclude none/*.conf\n`,
        'conf.d/a.conf': 'hz 55\n',
        'conf.d/b.conf': 'lfu-decay-time 66',
      }),
      input: 'timeout 77\n',
    });
    await node.logged('Ready to accept connections');
    const client = await TestClient.connect(Number(port));
    const read = await client.text('config', 'get', 'hz', 'timeout', 'lfu-*');
    expect(read.split('\n').sort()).toEqual(
      ['hz', '55', 'timeout', '77', 'lfu-log-factor', '44', 'lfu-decay-time', '66'].sort(),
    );
    client.close();
  });

  it('ends when the program that started it over a channel is gone, and tells it how the start went', async () => {
    const port = await freeClusterPort();
    const dir = prepare({});
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir];
    const child: ChildProcess = fork(PROGRAM, args, { stdio: 'ignore' });
    expect((await once(child, 'message'))[0]).toEqual({ kind: 'ready' });
    const second = fork(PROGRAM, args, { stdio: 'ignore' });
    expect((await once(second, 'message'))[0]).toEqual({
      kind: 'failed',
      reason: `Failed listening on port ${port} (TCP), aborting.`,
    });
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
    rmSync(dir, { recursive: true, force: true });
  });

  it('says its version and its usage', async () => {
    for (const flag of ['-v', '--version']) {
      const { code, stdout } = await run([flag]).exit;
      expect(stdout).toMatch(/^slotmesh server v=\d+\.\d+\.\d+ redis=7\.2\.4 node=v/);
      expect(code).toBe(0);
    }
    for (const flag of ['-h', '--help']) {
      const { code, stderr } = await run([flag]).exit;
      expect(stderr).toMatch(/^Usage: slotmesh-node \[/);
      expect(code).toBe(1);
    }
    expect(await refusal(run(['--test-memory', '100']))).toMatchObject({ code: 1 });
  });
});

describe('a start that fails', () => {
  it('names the port that is taken, for clients and for the bus', async () => {
    const port = await freeClusterPort();
    const dir = prepare({});
    const args = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--cluster-enabled',
      'yes',
      '--dir',
      dir,
    ];
    for (const [taken, what] of [
      [port, 'TCP'],
      [port + 10_000, 'cluster'],
    ] as const) {
      const stranger = createServer();
      await new Promise<void>((resolve) => stranger.listen(taken, '127.0.0.1', resolve));
      const node = run(args, { dir });
      const { code, line } = await refusal(node);
      expect(line).toMatch(
        new RegExp(`# Failed listening on port ${taken} \\(${what}\\), aborting\\.$`),
      );
      expect(node.log).toContain(
        `Could not create server TCP listening socket 127.0.0.1:${taken}: bind: Address already in use`,
      );
      expect(code).toBe(1);
      expect(existsSync(join(dir, 'nodes.conf'))).toBe(false);
      expect(existsSync(join(dir, 'nodes.conf.lock'))).toBe(false);
      stranger.close();
    }
  });

  it('says that another process has its nodes.conf', async () => {
    const first = await start();
    const args = [
      '--port',
      String(await freeClusterPort()),
      '--bind',
      '127.0.0.1',
      '--cluster-enabled',
      'yes',
      '--dir',
      first.dir,
    ];
    const { code, line } = await refusal(run(args));
    expect(line).toContain(`nodes.conf is already used by process ${first.pid}`);
    expect(code).toBe(1);
  });

  it('says what is wrong with a damaged nodes.conf, and leaves it as it is', async () => {
    const node = await start();
    await node.end();
    const path = join(node.dir, 'nodes.conf');
    const good = readFileSync(path, 'utf8');
    for (const [bad, why] of [
      [good.slice(0, -30), /cut/],
      [good.replace('master', 'maester'), /flag|checksum/i],
      ['', /.+/],
      ['hello\n', /.+/],
    ] as const) {
      writeFileSync(path, bad);
      const { code, line } = await refusal(
        run(
          [
            '--port',
            String(node.port),
            '--bind',
            '127.0.0.1',
            '--cluster-enabled',
            'yes',
            '--dir',
            node.dir,
          ],
          { dir: node.dir },
        ),
      );
      expect(line).toContain(`Unrecoverable error: corrupted cluster config file ${path}: `);
      expect(line.split(`${path}: `)[1]).toMatch(why);
      expect(code).toBe(1);
      expect(readFileSync(path, 'utf8')).toBe(bad);
    }
  });

  it('refuses a port whose bus port is no port, and to listen nowhere', async () => {
    expect(await refusal(run(['--port', '60000', '--cluster-enabled', 'yes']))).toMatchObject({
      code: 1,
      line: expect.stringContaining('The cluster bus cannot listen on port 70000'),
    });
    expect(await refusal(run(['--port', '0']))).toMatchObject({
      code: 1,
      line: expect.stringContaining('Configured to not listen anywhere, exiting.'),
    });
  });

  it('refuses what it could only pretend to do', async () => {
    for (const [args, why] of [
      [['--daemonize', 'yes'], 'daemonize is not supported'],
      [['--tls-port', '6380'], 'TLS is not supported'],
      [['--aclfile', 'users.acl'], 'ACL files are not supported'],
      [['--loadmodule', 'x.so'], 'modules are not supported'],
      [['--rename-command', 'FLUSHALL', ''], 'rename-command is not supported'],
      [['--user', 'alice', 'on', '+get'], 'there is no user but default'],
      [['--user', 'default', 'on', '-@all'], 'restrictions are not supported'],
      [
        ['--cluster-enabled', 'yes', '--replicaof', '127.0.0.1', '6379'],
        'replicaof directive not allowed in cluster mode',
      ],
    ] as const) {
      const { code, line } = await refusal(run(args));
      expect(line).toContain(why);
      expect(code).toBe(1);
    }
  });

  it('ends on a bug, says where it was, and does not go on', async () => {
    const bug = 'data:text/javascript,process.once("SIGUSR2",()=>{throw new Error("boom")})';
    const node = await start([], { nodeArgs: ['--import', bug] });
    node.child.kill('SIGUSR2');
    const { code, stdout } = await node.exit;
    expect(code).toBe(1);
    expect(stdout).toMatch(/# === SLOTMESH BUG REPORT.*# Error: boom\n/s);
    for (const line of stdout.trim().split('\n')) expect(line).toMatch(LINE);
  });
});

describeWithRedis('what is said about a configuration that is wrong', () => {
  it('is what redis-server says', async () => {
    const files: Record<string, string> = {
      'unknown.conf': 'port 1\n# comment\nnosuchdirective 1\n',
      'value.conf': '\n\nmaxmemory lots\n',
      'quotes.conf': 'requirepass "abc\n',
      'arguments.conf': 'port 1 2\n',
      'none.conf': 'timeout\n',
      'inner.conf': 'hz 10\nmaxclients 0\n',
      'include.conf': 'hz 10\n\ninclude inner.conf\n',
      'save.conf': 'save 10\n',
      'limit.conf': 'client-output-buffer-limit other 1 2 3\n',
      'enum.conf': 'appendfsync sometimes\n',
      'sentinel.conf': 'sentinel monitor x\n',
      'dir.conf': 'dir /does/not/exist\n',
      'log.conf': 'logfile /does/not/exist/log\n',
    };
    const dir = prepare(files);
    const cases = [
      ...Object.keys(files).map((name) => [name]),
      ['--port', 'abc'],
      ['--hz', '10', '--nosuch', '1'],
      ['unknown.conf', '--port', '7'],
      ['missing.conf'],
      ['include-missing.conf'],
      ['--port', '70000'],
      ['--port 70000'],
      ['--save', '--port', 'x'],
      ['--appendonly', '--port'],
      ['--bind', ...Array.from({ length: 17 }, () => '127.0.0.1')],
    ];
    writeFileSync(join(dir, 'include-missing.conf'), 'include nothing-here.conf\n');
    for (const args of cases) {
      const real = spawnSync('redis-server', args, { cwd: dir, encoding: 'utf8', timeout: 20_000 });
      const ours = await run(args, { dir }).exit;
      expect([args, ours.code, plain(ours.stdout + ours.stderr)]).toEqual([
        args,
        real.status,
        plain(real.stdout + real.stderr),
      ]);
    }
  });
});

/** Without what differs from run to run and from server to server. */
function plain(output: string): string {
  return output
    .replaceAll(/\(Redis [\d.]+\)/g, '(Redis)')
    .replaceAll(/^\d+:C [^#*]*(?=[#*])/gm, '')
    .trim();
}

/** A folder with these files. */
function prepare(files: Readonly<Record<string, string>>): string {
  const { dir } = run(['--version']);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}
