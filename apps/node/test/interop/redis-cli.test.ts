// The real redis-cli and redis-benchmark, as an operator uses them, on a cluster of our nodes.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { keySlot } from '@slotmesh/crc16-slots';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithRedis, runRedisCli, runTool } from '../../../../scripts/testing/real-redis.ts';
import { clusterInfo, clusterNodes, fields } from './support/cluster-view.ts';
import { createByRedisCli, Fleet, untilAgreed } from './support/fleet.ts';
import { ours, redisServer, type ServerProcess } from './support/server-process.ts';
import { cluster, withoutColours, withoutComplaint } from './support/tools.ts';
import { eventually } from './support/wait.ts';

const NODES_AGREE = '[OK] All nodes agree about slots configuration.';
const SLOTS_COVERED = '[OK] All 16384 slots covered.';

describeWithRedis('redis-cli makes and keeps a cluster of three', () => {
  const fleet = new Fleet();
  let servers: ServerProcess[];
  let seed: string;

  beforeAll(async () => {
    servers = await fleet.start([ours, ours, ours]);
    seed = servers[0].address;
    const created = withoutComplaint(await createByRedisCli(servers));
    expect(created).toContain(NODES_AGREE);
    expect(created).toContain(SLOTS_COVERED);
  });
  afterAll(() => fleet.dispose());

  it('create gave each node its share, an epoch of its own, and the same picture', async () => {
    const nodes = await untilAgreed(servers);
    const byPort = new Map(nodes.map((node) => [node.port, node]));
    const inOrder = servers.map(({ port }) => byPort.get(port));
    expect(inOrder.map((node) => node?.slots)).toEqual(['0-5460', '5461-10922', '10923-16383']);
    expect(inOrder.map((node) => node?.configEpoch)).toEqual([1, 2, 3]);
  });

  it('check finds nothing wrong, asked through any node', async () => {
    await untilAgreed(servers);
    for (const { address } of servers) {
      const text = await cluster('check', address);
      expect(text).toContain(NODES_AGREE);
      expect(text).toContain(SLOTS_COVERED);
    }
  });

  it('info lists slots and keys', async () => {
    const text = await cluster('info', seed);
    for (const { address } of servers) expect(text).toContain(address);
    expect(text).toMatch(/\[OK\] \d+ keys in 3 (primaries|masters)\./);
    expect(text.match(/546[12] slots/g)).toHaveLength(3);
  });

  it('call runs a command on all', async () => {
    const text = await cluster('call', seed, 'ping');
    for (const { address } of servers) expect(text).toContain(`${address}: PONG`);
  });

  it('set-timeout reaches every node and its redis.conf', async () => {
    const text = await cluster('set-timeout', seed, '2500');
    expect(text).toContain('New node timeout set. 3 OK, 0 ERR.');
    for (const server of servers) {
      const [name, value] = (await server.call(
        'CONFIG',
        'GET',
        'cluster-node-timeout',
      )) as string[];
      expect([name, value]).toEqual(['cluster-node-timeout', '2500']);
      expect(readFileSync(server.configPath, 'utf8')).toMatch(/^cluster-node-timeout 2500$/m);
    }
  });

  it('-c follows redirects over many keys', async () => {
    const keys = Array.from({ length: 300 }, (_, i) => `key:${i}`);
    const cli = ['-c', '-p', String(servers[0].port)];
    const set = await runRedisCli(cli, {
      input: keys.map((key) => `SET ${key} value-of-${key}\n`).join(''),
    });
    expect(set.stdout.match(/^OK$/gm)).toHaveLength(keys.length);
    const get = await runRedisCli(cli, { input: keys.map((key) => `GET ${key}\n`).join('') });
    // redis-cli tells of each redirect in a line of its own.
    const values = get.stdout.split('\n').filter((line) => /^"?value-of-/.test(line));
    expect(values.map((line) => line.replaceAll('"', ''))).toEqual(
      keys.map((key) => `value-of-${key}`),
    );
    const sizes = await Promise.all(servers.map((server) => server.call('DBSIZE')));
    const nodes = await clusterNodes(servers[0]);
    const expected = servers.map(({ port }) => {
      const [start, end] = nodes
        .find((node) => node.port === port)!
        .slots.split('-')
        .map(Number);
      return keys.filter((key) => keySlot(key) >= start && keySlot(key) <= end).length;
    });
    expect(sizes).toEqual(expected);
  });

  it('without -c it shows the redirect as any client gets it', async () => {
    const owner = (await clusterNodes(servers[0])).find(({ slots }) => slots === '10923-16383');
    const { stdout } = await runRedisCli(['-p', String(servers[0].port), 'GET', 'foo']);
    expect(stdout).toBe(`MOVED 12182 ${owner?.address}\n\n`);
  });

  it('redis-benchmark --cluster runs over all nodes', async () => {
    const before = await Promise.all(servers.map(commandsServed));
    const args = ['-n', '3000', '-c', '12', '-d', '64', '-r', '1000', '--threads', '2'];
    const { code, stdout, stderr } = await runTool('redis-benchmark', [
      ...['--cluster', '-h', '127.0.0.1', '-p', String(servers[0].port), '-t', 'set,get', '-q'],
      ...args,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Cluster has 3 master nodes:');
    expect(stdout).toMatch(/SET: [\d.]+ requests per second/);
    expect(stdout).toMatch(/GET: [\d.]+ requests per second/);
    const after = await Promise.all(servers.map(commandsServed));
    for (const [i, served] of after.entries()) expect(served - before[i]).toBeGreaterThan(500);
  });

  it('add-node brings in an empty primary, del-node sends it away', async () => {
    const [added] = await fleet.start([ours]);
    const text = await cluster('add-node', added.address, seed);
    expect(text).toContain('[OK] New node added correctly.');
    const nodes = await untilAgreed([...servers, added]);
    const node = nodes.find(({ port }) => port === added.port);
    expect(node).toMatchObject({ slots: '', primaryId: '-' });

    const gone = await cluster('del-node', seed, node?.id ?? '');
    expect(gone).toContain('>>> Sending CLUSTER RESET SOFT to the deleted node.');
    await untilAgreed(servers);
    const alone = await eventually('the removed node knows only itself', async () => {
      const known = await clusterNodes(added);
      expect(known).toHaveLength(1);
      return known[0];
    });
    expect(alone).toMatchObject({ id: node?.id, slots: '' });
    expect(alone.flags).toEqual(['myself', 'master']);
    await added.dispose();
  });

  it('refuses to create a second cluster from members of this one', async () => {
    const again = await createByRedisCli(servers);
    expect(again.code).toBe(1);
    expect(again.stderr + again.stdout).toContain('is not empty');
  });
});

async function commandsServed(server: ServerProcess): Promise<number> {
  return Number(fields(await server.text('INFO', 'stats')).get('total_commands_processed'));
}

describeWithRedis('redis-cli makes a cluster of ten', () => {
  const fleet = new Fleet();
  afterAll(() => fleet.dispose());

  it('all ten agree, and check is content', async () => {
    const servers = await fleet.start(Array.from({ length: 10 }, () => ours));
    const created = withoutComplaint(await createByRedisCli(servers));
    expect(created).toContain(SLOTS_COVERED);
    await untilAgreed(servers);
    const text = await cluster('check', servers[9].address);
    expect(text).toContain(NODES_AGREE);
    expect(text).toContain(SLOTS_COVERED);
    const info = await clusterInfo(servers[4]);
    expect(info.get('cluster_known_nodes')).toBe('10');
    expect(info.get('cluster_size')).toBe('10');
    expect(info.get('cluster_slots_ok')).toBe('16384');
  });
});

describeWithRedis('redis-cli as a shell', () => {
  const fleet = new Fleet();
  let server: ServerProcess;
  let real: ServerProcess;
  beforeAll(async () => {
    [server, real] = await fleet.start([ours, redisServer]);
    for (const one of [server, real]) await one.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
  });
  afterAll(() => fleet.dispose());

  /** How often the server was asked for its commands' documentation. */
  async function docsAsked(): Promise<number> {
    const stats = fields(await server.text('INFO', 'commandstats'));
    return Number(/calls=(\d+)/.exec(stats.get('cmdstat_command|docs') ?? '')?.[1] ?? 0);
  }

  it('speaks RESP3 with -3', async () => {
    const hello = await runRedisCli(['-3', '-p', String(server.port), 'HELLO']);
    expect(hello).toMatchObject({ code: 0, stderr: '' });
    expect(hello.stdout).toMatch(/^proto 3$/m);
    expect(hello.stdout).toMatch(/^mode cluster$/m);
    const input = 'CONFIG GET cluster-enabled\nGET\nCLUSTER KEYSLOT foo\n';
    const [mine, theirs] = await Promise.all(
      [server, real].map(({ port }) => runRedisCli(['-3', '-p', String(port)], { input })),
    );
    expect(mine).toEqual(theirs);
  });

  it('shows the same replies as on the real server, over a pipe', async () => {
    const input = [
      'PING',
      'ECHO "two words"',
      'GET',
      'NOSUCH a b',
      'CLUSTER NOSUCH',
      'CLUSTER KEYSLOT {user}.name',
      'CLUSTER COUNTKEYSINSLOT 16384',
      'CLUSTER GETKEYSINSLOT 0 -1',
      'CLUSTER COUNT-FAILURE-REPORTS 0000000000000000000000000000000000000000',
      'CLUSTER MEET nowhere 7000',
      'CLUSTER ADDSLOTS 0',
      'MGET a b',
      'SELECT 1',
      '',
    ].join('\n');
    const [mine, theirs] = await Promise.all(
      [server, real].map(({ port }) => runRedisCli(['-p', String(port)], { input })),
    );
    expect(mine).toEqual(theirs);
  });

  const script = spawnSync('script', ['--version']);
  it.skipIf(script.error)('starts on a terminal and loads the commands for its hints', async () => {
    const before = await docsAsked();
    const { code, stdout } = await runTool(
      'script',
      ['-qec', `TERM=dumb redis-cli -p ${server.port}`, '/dev/null'],
      { input: 'PING\nHELP SET\nQUIT\n' },
    );
    expect(code).toBe(0);
    expect(stdout).toContain('PONG');
    expect(withoutColours(stdout)).toMatch(/SET key value/);
    expect(stdout).not.toMatch(/\(error\)/);
    expect(await docsAsked()).toBe(before + 1);
  });
});
