// The real redis-server is the judge, in both directions: we read what it saves and dumps, and it loads what we write.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  describeWithRedis,
  type RedisServer,
  runTool,
  startRedis,
  temporaryDirectory,
} from '../../../scripts/testing/real-redis.ts';
import { dumpPayload, parseDumpPayload, RdbReader, RdbWriter } from '../src/index.ts';
import { bytesOf, cut, isSame, plain, randomOf } from './support/bytes.ts';
import { fill, keysOf, LARGE, SMALL } from './support/corpus.ts';
import { HANDMADE } from './support/handmade.ts';
import { fingerprint, readFile, singly } from './support/read.ts';
import { RedisClient } from './support/redis.ts';
import { viaCommands } from './support/via-commands.ts';

describeWithRedis('files and payloads of redis-server', () => {
  let server: RedisServer;
  let client: RedisClient;
  let file: Uint8Array;

  beforeAll(async () => {
    server = await startRedis([
      '--enable-debug-command',
      'yes',
      '--maxmemory-policy',
      'noeviction',
    ]);
    client = await RedisClient.open(server.port);
    await fill(client, [...SMALL, ...LARGE]);
    await client.call('SAVE');
    file = Uint8Array.from(readFileSync(join(server.dir, 'dump.rdb')));
  });
  afterAll(async () => {
    client.close();
    await server.stop();
  });

  it('reads what SAVE has written, as commands tell it', async () => {
    const content = readFile([file]);
    expect(content.version).toBe(10);
    expect(content.checksum).toBe('verified');
    expect(content.consumedBytes).toBe(file.length);
    expect(content.aux.get('redis-bits')).toBe('64');
    expect(content.functions).toHaveLength(1);
    const keys = await keysOf(client);
    expect(content.entries.size).toBe(keys.length + 1);
    for (const key of keys) {
      const { value, expireAtMs } = content.entries.get(`0/${key}`) as Record<string, unknown>;
      expect(value, key).toEqual(await viaCommands(client, key));
      expect(expireAtMs, key).toBe(Number(await client.call('PEXPIRETIME', key)));
    }
    expect(content.entries.get('3/other-database')).toEqual({
      value: 'yes',
      expireAtMs: 4102444800456,
      idleS: null,
      frequency: null,
    });
  });

  it('reads the same byte by byte and cut at random', () => {
    const whole = fingerprint(readFile([file]));
    expect(fingerprint(readFile(singly(file)))).toBe(whole);
    for (let seed = 0; seed < 20; seed++) {
      expect(fingerprint(readFile(cut(file, randomOf(seed)))), `seed ${seed}`).toBe(whole);
    }
  });

  it('reads the eviction data of a server that keeps them', async () => {
    const path = join(server.dir, 'dump.rdb');
    for (const [policy, field] of [
      ['allkeys-lru', 'idleS'],
      ['allkeys-lfu', 'frequency'],
    ] as const) {
      await client.call('CONFIG', 'SET', 'maxmemory-policy', policy);
      await client.call('SAVE');
      const { entries } = readFile([Uint8Array.from(readFileSync(path))]);
      const entry = entries.get('0/s:text') as Record<string, unknown>;
      expect(entry[field], policy).toBeTypeOf('number');
    }
    await client.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  });

  it('reads a file without a checksum, and an uncompressed one', async () => {
    const other = await startRedis(['--rdbchecksum', 'no', '--rdbcompression', 'no']);
    const there = await RedisClient.open(other.port);
    await fill(there, SMALL);
    await there.call('SAVE');
    const content = readFile([Uint8Array.from(readFileSync(join(other.dir, 'dump.rdb')))]);
    expect(content.checksum).toBe('disabled');
    expect((content.entries.get('0/s:lzf') as { value: string }).value).toBe('ab'.repeat(50));
    there.close();
    await other.stop();
  });

  it('reads what DUMP answers, and the server takes it back from us as the same value', async () => {
    for (const key of await keysOf(client)) {
      const payload = (await client.call('DUMP', key)) as Uint8Array;
      const { version, value } = parseDumpPayload(payload);
      expect(version).toBe(10);
      expect(plain(value), key).toEqual(await viaCommands(client, key));
      for (const compression of [true, false]) {
        const ours = dumpPayload(value, { compression });
        expect(plain(parseDumpPayload(ours).value), key).toEqual(plain(value));
        // That a key expires is in its digest.
        const expireAtMs = Math.max(0, Number(await client.call('PEXPIRETIME', key)));
        await client.call('RESTORE', 'ours', expireAtMs, ours, 'REPLACE', 'ABSTTL');
        const [theirDigest, ourDigest] = (await client.text(
          ...['DEBUG', 'DIGEST-VALUE', key, 'ours'],
        )) as string[];
        expect(ourDigest, key).toBe(theirDigest);
        expect(await viaCommands(client, 'ours'), key).toEqual(await viaCommands(client, key));
      }
    }
    await client.call('DEL', 'ours');
  });

  it('writes strings as the server does, byte for byte where nothing is compressed', async () => {
    await client.call('CONFIG', 'SET', 'rdbcompression', 'no');
    for (const key of (await keysOf(client)).filter((name) => /^s:/.test(name))) {
      const payload = (await client.call('DUMP', key)) as Uint8Array;
      const { value } = parseDumpPayload(payload);
      expect(isSame(dumpPayload(value, { compression: false }), payload), key).toBe(true);
    }
    await client.call('CONFIG', 'SET', 'rdbcompression', 'yes');
  });

  it('agrees with the server on forms that only older servers wrote', async () => {
    for (const { name, payload } of HANDMADE) {
      await client.call('RESTORE', 'old', 0, payload, 'REPLACE');
      const { value } = parseDumpPayload(payload);
      expect(plain(value), name).toEqual(await viaCommands(client, 'old'));
    }
    await client.call('DEL', 'old');
  });

  it('writes files that redis-check-rdb accepts and redis-server loads, in each version', async () => {
    const digest = await client.text('DEBUG', 'DIGEST');
    for (const version of [9, 10]) {
      const folder = temporaryDirectory('slotmesh-rdb-');
      writeFileSync(join(folder.path, 'dump.rdb'), rewrite(file, version));
      const check = await runTool('redis-check-rdb', [join(folder.path, 'dump.rdb')]);
      expect(check.stdout).toContain('RDB looks OK');
      expect(check.code).toBe(0);
      const args = ['--enable-debug-command', 'yes'];
      const other = await startRedis({ dir: folder.path, args });
      const there = await RedisClient.open(other.port);
      // Version 9 has no place for what streams remember since 10, which is in the digest of streams not at all.
      expect(await there.text('DEBUG', 'DIGEST'), `version ${version}`).toBe(digest);
      expect(await there.call('DBSIZE')).toBe(await client.call('DBSIZE'));
      if (version === 10) {
        expect(await there.text('FUNCTION', 'LIST')).toEqual(await client.text('FUNCTION', 'LIST'));
        for (const key of await keysOf(client)) {
          expect(await viaCommands(there, key), key).toEqual(await viaCommands(client, key));
        }
      }
      there.close();
      await other.stop();
      await folder.remove();
    }
  });
});

/** The file again, through our reader and our writer, taken in small slices. */
function rewrite(file: Uint8Array, version: number): Uint8Array {
  const reader = new RdbReader();
  const writer = new RdbWriter({ version });
  const slices: Uint8Array[] = [];
  reader.push(file);
  for (let event = reader.next(); event !== null; event = reader.next()) {
    if (event.kind === 'aux') writer.aux(event.name, event.value);
    else if (event.kind === 'database') writer.selectDatabase(event.database);
    else if (event.kind === 'sizes') writer.sizes(event.keyCount, event.expiringCount);
    else if (event.kind === 'functionLibrary' && version >= 10) writer.functionLibrary(event.code);
    else if (event.kind === 'entry') {
      const { keyBytes, keyStart, keyEnd, value, expireAtMs } = event;
      if (value.type === 'string') {
        const { bytes, start, end } = value;
        writer.stringEntry(keyBytes, keyStart, keyEnd, bytes, start, end, expireAtMs);
      } else writer.entry(keyBytes, keyStart, keyEnd, value, expireAtMs);
    } else if (event.kind === 'end') writer.finish();
    slices.push(writer.take().slice());
    writer.recycle();
  }
  const whole = Uint8Array.from(Buffer.concat(slices));
  expect(writer.writtenBytes).toBe(whole.length);
  expect(whole.subarray(0, 9)).toEqual(bytesOf(`REDIS00${String(version).padStart(2, '0')}`));
  return whole;
}
