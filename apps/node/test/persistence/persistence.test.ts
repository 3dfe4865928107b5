// The data file of a server, as an operator knows it: what was saved is there after the next start, a save that fails or is
// cut short takes nothing away, and a file that cannot be trusted is not loaded. redis-server reads our files and we read its.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { describeWithRedis } from '../../../../scripts/testing/real-redis.ts';
import { RespConnection } from '../interop/support/resp-connection.ts';
import {
  type Exit,
  ours,
  redisServer,
  type ServerKind,
  type ServerProcess,
} from '../interop/support/server-process.ts';
import { eventually } from '../interop/support/wait.ts';
import { dumpPath, errorOf, fill, infoNumber, PlainServers } from '../support/plain-servers.ts';

const SAVES = ['--save', '3600 1'];

/** Strings of all encodings and lengths, with and without expiry, in two databases; gives the digest. */
async function fillVaried(server: ServerProcess): Promise<string> {
  await fill(server, 500, 90);
  for (const [key, value] of [
    ...[
      '0',
      '-1',
      '127',
      '-32769',
      '2147483648',
      '9223372036854775807',
      '007',
      '1.5',
      '',
    ].entries(),
    ['long', 'abc'.repeat(30_000)],
    ['any text', 'ä \r\n \0 "quoted"'],
  ] as const) {
    await server.call('SET', `value:${key}`, value);
  }
  await server.call('SET', 'seconds', 'x', 'EX', 1000);
  await server.call('SET', 'milliseconds', 'x', 'PXAT', 4_102_444_800_123);
  await server.call('SELECT', 5);
  await server.call('SET', 'elsewhere', '5', 'PX', 1_000_000);
  await server.call('SELECT', 0);
  return server.text('DEBUG', 'DIGEST');
}

/** Starts a server that is known not to start; gives its end and what it said at last. */
async function refusal(server: ServerProcess): Promise<{ exit: Exit; lastLine: string }> {
  server.spawn();
  const exit = await server.exited();
  return { exit, lastLine: server.log().trimEnd().split('\n').at(-1) ?? '' };
}

async function untilSaved(server: ServerProcess, status: 'ok' | 'err'): Promise<void> {
  await eventually(
    `the save ends: ${status}`,
    async () => {
      expect(await infoNumber(server, 'rdb_bgsave_in_progress')).toBe(0);
      expect(await server.text('INFO', 'persistence')).toContain(
        `rdb_last_bgsave_status:${status}`,
      );
    },
    { intervalMs: 20 },
  );
}

describeWithRedis('the data file', () => {
  const servers = new PlainServers();
  afterEach(() => servers.dispose());

  it('that SAVE has written is found by the next start, expiries as well', async () => {
    const server = await servers.start(ours);
    const digest = await fillVaried(server);
    const expiry = await server.call('PEXPIRETIME', 'seconds');
    expect(expiry).toBeGreaterThan(Date.now());
    expect(await server.call('SAVE')).toBe('OK');
    await server.call('SET', 'later', 1);
    await server.kill('SIGKILL');
    await server.start();
    expect(await server.text('DEBUG', 'DIGEST')).toBe(digest);
    expect(await server.call('PEXPIRETIME', 'seconds')).toBe(expiry);
    expect(await server.call('PEXPIRETIME', 'milliseconds')).toBe(4_102_444_800_123);
    expect(await server.call('GET', 'later')).toBeNull();
  });

  it('of a cluster node is found again, slot by slot', async () => {
    const server = await servers.start(ours, '--cluster-enabled', 'yes');
    await server.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
    await eventually('it serves', () => server.call('SET', '{06S}:a', 1)); // slot 0
    await server.call('SET', 'b', 2, 'EX', 1000); // slot 3300
    const digest = await server.text('DEBUG', 'DIGEST');
    await server.call('SAVE');
    await server.kill('SIGKILL');
    await server.start();
    expect(await server.text('DEBUG', 'DIGEST')).toBe(digest);
    expect(await server.call('CLUSTER', 'GETKEYSINSLOT', 0, 10)).toEqual(['{06S}:a']);
    expect(await server.call('CLUSTER', 'COUNTKEYSINSLOT', 3300)).toBe(1);
  });

  it('that BGSAVE writes is of the moment when it was asked for, whatever is written meanwhile', async () => {
    const server = await servers.start(ours);
    await fill(server, 10_000, 100);
    const writer = await RespConnection.open(server.port);
    let writes = 0;
    let stopping = false;
    const load = (async () => {
      for (; !stopping; writes++) {
        const key = (n: number) => `filled:${(writes * n) % 10_000}`;
        const replies = await writer.callAll([
          ['SET', key(7919), `new ${writes}`],
          ['APPEND', key(104_729), ' more'],
          ['DEL', key(1_299_709)],
          ['EXPIRE', key(31), 1000],
          ['SET', `added:${writes}`, writes],
        ]);
        for (const reply of replies) if (reply instanceof Error) throw reply;
      }
    })();
    load.catch(() => undefined); // it is awaited at the end
    await eventually('much is written', () => expect(writes).toBeGreaterThan(50));
    const asker = await RespConnection.open(server.port);
    // In one packet: nothing of others comes between.
    const [digest, started, info] = await asker.callAll([
      ['DEBUG', 'DIGEST'],
      ['BGSAVE'],
      ['INFO', 'persistence'],
    ]);
    const before = writes;
    expect(started).toBe('Background saving started');
    expect(info).toContain('rdb_bgsave_in_progress:1');
    let during = 0;
    await eventually(
      'the save ends',
      async () => {
        const isSaving = await infoNumber(server, 'rdb_bgsave_in_progress');
        if (isSaving === 1) during = writes;
        expect(isSaving).toBe(0);
      },
      { intervalMs: 1 },
    );
    expect(during).toBeGreaterThan(before);
    stopping = true;
    await load;
    writer.close();
    asker.close();
    expect(await server.text('DEBUG', 'DIGEST')).not.toBe(digest);
    await server.kill('SIGKILL');
    await server.start();
    expect(await server.text('DEBUG', 'DIGEST')).toBe(digest);
  });

  it('is written when a rule of `save` says so', async () => {
    const server = await servers.start(ours);
    await server.call('SET', 'a', 1);
    await server.call('CONFIG', 'SET', 'save', '1 1');
    await eventually('it is there', () => expect(existsSync(dumpPath(server))).toBe(true));
    expect(server.log()).toContain('1 changes in 1 seconds. Saving...');
    await server.kill('SIGKILL');
    await server.start();
    expect(await server.call('GET', 'a')).toBe('1');
  });

  it('is the old one, whole, after kill -9 in the middle of a save; nothing else is left', async () => {
    const server = await servers.start(ours);
    await server.call('SET', 'old', 1);
    await server.call('SAVE');
    const old = readFileSync(dumpPath(server));
    await fill(server, 60_000, 500);
    const files = () =>
      readdirSync(server.directory.path).filter((name) => name.startsWith('dump.rdb'));
    await server.call('BGSAVE');
    await eventually('it writes', () => expect(files()).toHaveLength(2), { intervalMs: 0 });
    await server.kill('SIGKILL');
    expect(files()).toHaveLength(2); // it was in the middle indeed
    expect(readFileSync(dumpPath(server))).toEqual(old);
    await server.start();
    expect(await server.call('DBSIZE')).toBe(1);
    expect(await server.call('GET', 'old')).toBe('1');
    expect(files()).toEqual(['dump.rdb']);
  });

  it('that is damaged or cut short ends the start with one line that says so, and stays as it is', async () => {
    const server = await servers.start(ours);
    await fillVaried(server);
    await server.call('SAVE');
    await server.kill('SIGKILL');
    const whole = readFileSync(dumpPath(server));
    const flipped = (at: number) => {
      const copy = Buffer.from(whole);
      copy[at] ^= 1;
      return copy;
    };
    for (const damaged of [
      flipped(2), // its name
      flipped(whole.length >> 1),
      flipped(whole.length - 3), // the checksum
      whole.subarray(0, whole.length >> 1),
      whole.subarray(0, whole.length - 1),
      Buffer.alloc(0),
    ]) {
      writeFileSync(dumpPath(server), damaged);
      const { exit, lastLine } = await refusal(server);
      expect(exit).toEqual({ code: 1, signal: null });
      expect(lastLine).toMatch(/ # Fatal error loading the DB \/.*\/dump\.rdb: .+\. Exiting\.$/);
      expect(server.log().match(/Fatal/g)).toHaveLength(1);
      expect(readFileSync(dumpPath(server)).equals(damaged)).toBe(true);
    }
  });

  it.each<[string, ServerKind, ServerKind]>([
    ['ours is loaded by redis-server', ours, redisServer],
    ["redis-server's is loaded by ours", redisServer, ours],
  ])('%s', async (_name, writerKind, readerKind) => {
    const writer = await servers.start(writerKind);
    const reader = await servers.start(readerKind);
    await reader.kill('SIGKILL');
    for (const compression of ['yes', 'no']) {
      const digest = await fillVaried(writer);
      await writer.call('CONFIG', 'SET', 'rdbcompression', compression);
      await writer.call('SAVE');
      copyFileSync(dumpPath(writer), dumpPath(reader));
      await reader.start();
      expect(await reader.text('DEBUG', 'DIGEST')).toBe(digest);
      expect(await reader.call('PEXPIRETIME', 'seconds')).toBe(
        await writer.call('PEXPIRETIME', 'seconds'),
      );
      await reader.kill('SIGKILL');
    }
  });

  it('with a list is refused, and the line says which key and what it is', async () => {
    const real = await servers.start(redisServer);
    await real.call('SET', 'a', 1);
    await real.call('RPUSH', 'the-list', 'x');
    await real.call('SAVE');
    const server = await servers.start(ours);
    await server.kill('SIGKILL');
    copyFileSync(dumpPath(real), dumpPath(server));
    const { exit, lastLine } = await refusal(server);
    expect(exit.code).toBe(1);
    expect(lastLine).toContain('the list at key "the-list" in database 0 cannot be loaded');
  });

  describe('that cannot be written', () => {
    /** What a server says while a folder stands in the place of its file, and after. */
    async function tour(kind: ServerKind): Promise<unknown> {
      const server = await servers.start(kind, ...SAVES);
      await server.call('SET', 'a', 1);
      mkdirSync(dumpPath(server));
      const save = await errorOf(server, 'SAVE');
      const afterSave = await server.call('SET', 'a', 2);
      await server.call('BGSAVE');
      await untilSaved(server, 'err');
      const refused = await errorOf(server, 'SET', 'a', 3);
      const others = [
        await errorOf(server, 'DEL', 'a'),
        await errorOf(server, 'PING'),
        await server.call('GET', 'a'),
      ];
      await server.call('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no');
      const unguarded = await server.call('SET', 'a', 4);
      await server.call('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'yes');
      const again = await errorOf(server, 'SET', 'a', 5);
      rmdirSync(dumpPath(server));
      await server.call('BGSAVE');
      await untilSaved(server, 'ok');
      const healed = await server.call('SET', 'a', 6);
      return { save, afterSave, refused, others, unguarded, again, healed };
    }

    it("stops writes in redis-server's words until a save succeeds", async () => {
      const [own, real] = await Promise.all([tour(ours), tour(redisServer)]);
      expect(own).toEqual(real);
      expect((own as { refused: string }).refused).toMatch(/^MISCONF /);
    });

    it('keeps the server from ending, unless it is told that the data may go', async () => {
      const server = await servers.start(ours, ...SAVES);
      await server.call('SET', 'a', 1);
      mkdirSync(dumpPath(server));
      process.kill(server.pid, 'SIGTERM');
      await eventually('it says so', () => {
        expect(server.log()).toContain("Error trying to save the DB, can't exit.");
      });
      expect(await server.call('SET', 'a', 2)).toBe('OK');
      server.call('SHUTDOWN', 'NOSAVE').catch(() => undefined);
      expect(await server.exited()).toEqual({ code: 0, signal: null });
    });
  });

  it.each<[string, boolean, (server: ServerProcess) => void, boolean]>([
    ['SHUTDOWN NOSAVE writes none', true, shutdown('NOSAVE'), false],
    ['SHUTDOWN SAVE writes one without rules too', false, shutdown('SAVE'), true],
    ['SIGTERM writes one', true, ({ pid }) => process.kill(pid, 'SIGTERM'), true],
    ['SIGTERM without rules writes none', false, ({ pid }) => process.kill(pid, 'SIGTERM'), false],
  ])('at the end: %s', async (_name, hasRules, end, isWritten) => {
    const server = await servers.start(ours, ...(hasRules ? SAVES : []));
    const digest = await fillVaried(server);
    end(server);
    expect(await server.exited()).toEqual({ code: 0, signal: null });
    expect(existsSync(dumpPath(server))).toBe(isWritten);
    await server.start();
    if (isWritten) expect(await server.text('DEBUG', 'DIGEST')).toBe(digest);
    else expect(await server.call('DBSIZE')).toBe(0);
  });
});

/** The connection ends instead of an answer. */
function shutdown(...words: string[]): (server: ServerProcess) => void {
  return (server) => void server.call('SHUTDOWN', ...words).catch(() => undefined);
}
