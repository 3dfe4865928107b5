// The real server is the judge of names, standard values, what each directive takes, and the words it refuses with.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import {
  describeWithRedis,
  freePort,
  type RedisServer,
  startRedis,
} from '../../../../scripts/testing/real-redis.ts';
import { Config } from '../../src/config/config.ts';
import { loadConfigText } from '../../src/config/load.ts';
import { rewriteConfigText } from '../../src/config/rewrite.ts';
import { DIRECTIVES, findDirective } from '../../src/config/table/index.ts';
import { asPairs, TestClient } from '../support/client.ts';

/** Differ for a reason: the page of directives names them. */
const OUR_OWN = new Set(['port', 'bind', 'tls-port', 'tls-cluster', 'tls-replication']);

/** What we answer, in the words that CONFIG SET sends. */
function outcomeText(config: Config, pairs: readonly (readonly [string, string])[]): string {
  const outcome = config.set(pairs);
  if (outcome.kind === 'ok') return 'OK';
  if (outcome.kind === 'unknown') {
    return `ERR Unknown option or number of arguments for CONFIG SET - '${outcome.name}'`;
  }
  return `ERR CONFIG SET failed (possibly related to argument '${outcome.name}') - ${outcome.reason}`;
}

describeWithRedis('directives, held against redis-server', () => {
  let server: RedisServer;
  let client: TestClient;
  let real: Map<string, string>;
  beforeAll(async () => {
    // The helper starts it with a few values of its own: read what it has when none are given.
    server = await startRedis(['--save', '3600', '1', '300', '100', '60', '10000']);
    client = await TestClient.connect(server.port);
    real = asPairs(await client.call('config', 'get', '*'));
  });

  it('knows every directive, with its standard value', () => {
    const config = new Config();
    const ours = new Map(config.entries());
    for (const [name, value] of real) {
      expect(ours.has(name), name).toBe(true);
      if (['port', 'bind', 'dir', 'logfile'].includes(name)) continue;
      expect([name, ours.get(name)]).toEqual([name, value]);
    }
    expect(config.text('bind')).toBe('* -::*');
  });

  it('takes and refuses the same values in the same words', async () => {
    const values = [
      '',
      '0',
      '1',
      '-1',
      '2',
      '10',
      '64',
      '100',
      '101',
      '1000',
      '65535',
      '65536',
      '99999',
      '777',
      '888',
      '4294967295',
      '4294967296',
      '2147483647',
      '2147483648',
      '9223372036854775807',
      '9223372036854775808',
      '-2147483648',
      '-2147483649',
      '1.5',
      '007',
      '+1',
      ' 1',
      '1k',
      '1kb',
      '1MB',
      '3gb',
      '2GB',
      '1tb',
      'mb',
      '50%',
      '101%',
      '%',
      'yes',
      'NO',
      'maybe',
      'text',
      'a/b',
      'a b',
      'Kx',
      'KEA',
      'AKE',
      'g$',
      'z!',
      'always',
      'EVERYSEC',
      'allkeys-lru',
      'debug',
      'nothing',
      'disabled',
      'swapdb',
      'ip',
      'hostname',
      'normal 1mb 512kb 10',
      'normal 1mb 512kb',
      'replica 0 0 0',
      'slave 5 4 3 pubsub 1 2 3',
      'other 1 1 1',
      'normal x 1 1',
      'normal 1 1 -1',
      '900 1',
      '900 1 300 10',
      '900',
      '0 1',
      '900 -1',
      '900 x',
      '0 200 800',
      '1 2',
      '1 2 3 4',
      '3 2 1',
      '-2001 0 0',
      'a b c',
      '50 99',
      '99.95',
      '101',
      '-1 5',
      'save',
      'nosave now',
      'save nosave',
      'default',
      'save force now',
      'x'.repeat(256),
      'bad_host',
      'good-host.example',
    ];
    const config = new Config();
    const differences: string[] = [];
    for (const directive of DIRECTIVES) {
      const { name } = directive;
      if (!real.has(name) || OUR_OWN.has(name)) continue;
      // These have consequences on the other side: a database file, memory, another directory, a password.
      if (
        ['activedefrag', 'appendonly', 'maxmemory', 'dir', 'requirepass', 'maxclients'].includes(
          name,
        )
      )
        continue;
      for (const value of values) {
        const theirs = await client.text('config', 'set', name, value);
        const ours = outcomeText(config, [[name, value]]);
        if (theirs !== ours) differences.push(`${name} '${value}': ${theirs} / ${ours}`);
        const theirValue = asPairs(await client.call('config', 'get', name)).get(name);
        if (theirValue !== config.text(name)) {
          differences.push(`${name} '${value}' reads ${theirValue} / ${config.text(name)}`);
          await client.call('config', 'set', name, directive.standard);
          config.set([[name, directive.standard]]);
        }
      }
      await client.call('config', 'set', name, directive.standard);
      config.set([[name, directive.standard]]);
    }
    expect(differences).toEqual([]);
  });

  it('sets all pairs or none, and says why', async () => {
    const config = new Config();
    for (const pairs of [
      [
        ['timeout', '10'],
        ['tcp-keepalive', '20'],
      ],
      [
        ['timeout', '30'],
        ['hz', 'x'],
      ],
      [
        ['timeout', '30'],
        ['TIMEOUT', '40'],
      ],
      [
        ['slave-priority', '1'],
        ['replica-priority', '2'],
      ],
      [
        ['timeout', '30'],
        ['unixsocketperm', '700'],
      ],
      [
        ['none', '30'],
        ['timeout', 'x'],
      ],
      [
        ['timeout', 'x'],
        ['none', '30'],
      ],
      [['daemonize', 'yes']],
      [['Slave-Priority', 'x']],
      [['dir', '/tmp']],
      [['dbfilename', 'x.rdb']],
    ] as const) {
      const theirs = await client.text('config', 'set', ...pairs.flat());
      expect([pairs, outcomeText(config, pairs)]).toEqual([pairs, theirs]);
      const read = asPairs(await client.call('config', 'get', 'timeout', 'tcp-keepalive', 'hz'));
      for (const [name, value] of read) expect(config.text(name)).toBe(value);
    }
  });

  it('reads and rewrites a file as the real server does', async () => {
    const files = [
      'maxmemory 100mb\ntimeout 7\n',
      '# a comment\n\n\n\nsave 900 1\nsave 300 10\n   timeout    7   \n#another\nslave-priority 55\n',
      'client-output-buffer-limit pubsub 64mb 8mb 60\nhz 50\nhz 60\nappendfsync ALWAYS\n',
      'save ""\nrequirepass "a \\x01\\"b"\nlist-max-ziplist-entries 4\n# tail without newline',
      'notify-keyspace-events KEA\nbind 127.0.0.1 -::1\nunixsocketperm 700\nmaxmemory-clients 5%\n',
      'timeout 0\ntimeout 1\ntimeout 2\n',
    ];
    for (const [i, file] of files.entries()) {
      const path = join(server.dir, `rewrite-${i}.conf`);
      writeFileSync(path, file);
      const options = ['port', String(await freePort()), 'dir', server.dir];
      const child = await startOn(path, options);
      const rewriter = await TestClient.connect(Number(options[1]));
      if (file.includes('requirepass')) await rewriter.call('auth', 'a \x01"b');
      const changes = ['lfu-log-factor', '11', 'cluster-announce-hostname', 'h-1'];
      expect(await rewriter.text('config', 'set', ...changes)).toBe('OK');
      expect(await rewriter.text('config', 'rewrite')).toBe('OK');
      rewriter.close();
      const theirs = readFileSync(path, 'utf8');
      child.kill('SIGKILL');
      await once(child, 'exit');

      const config = new Config();
      loadConfigText(config, file);
      loadConfigText(config, `port ${options[1]}\ndir ${server.dir}`);
      config.set([
        ['lfu-log-factor', '11'],
        ['cluster-announce-hostname', 'h-1'],
      ]);
      expect(sortAppended(rewriteConfigText(file, config))).toBe(sortAppended(theirs));
    }
  });
});

/** A real server that reads this file, with a few directives on its command line. */
async function startOn(path: string, options: readonly string[]): Promise<ChildProcess> {
  const args = options.map((word, i) => (i % 2 === 0 ? `--${word}` : word));
  const child = spawn('redis-server', [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      log += chunk;
      if (log.includes('Ready to accept connections')) resolve();
    });
    child.once('exit', () => reject(new Error(log)));
  });
  return child;
}

/** The appended lines come in the order of a hash table there: only the order is left out of the comparison. */
function sortAppended(text: string): string {
  const [kept, appended = ''] = text.split('# Generated by CONFIG REWRITE\n');
  return `${kept}---\n${appended.split('\n').sort().join('\n')}`;
}

it('finds each directive by name and alias, in any case', () => {
  for (const directive of DIRECTIVES) {
    expect(findDirective(directive.name.toUpperCase())).toBe(directive);
    if (directive.alias !== null) expect(findDirective(directive.alias)).toBe(directive);
  }
  expect(findDirective('__proto__')).toBeUndefined();
});
