// Databases as RDB files and back: in slices while commands go on, with whatever is wrong, and with a real server.

import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { keySlot, SLOT_COUNT } from '@slotmesh/crc16-slots';
import { type Keyspace, MemoryKeyspace, NO_EXPIRY, ValueKind } from '@slotmesh/keyspace';
import { RdbError, RdbWriter } from '@slotmesh/rdb';
import { encodeCommand } from '@slotmesh/resp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  describeWithRedis,
  runRedisCli,
  startRedis,
  temporaryDirectory,
} from '../../../scripts/testing/real-redis.ts';
import { ByteSet } from '../../keyspace/test/support/byte-set.ts';
import { DatasetError, DatasetLoader, DatasetWriter } from '../src/index.ts';
import { TestNode } from './support/test-node.ts';

const NOW = 1_700_000_000_000;
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const text = (from: Uint8Array, start = 0, end = from.length): string =>
  Buffer.from(from.subarray(start, end)).toString('latin1');

function keyspace(databases = 16): MemoryKeyspace {
  return new MemoryKeyspace({ databases, bySlot: false, hashKey: { low: 5, high: 6 } });
}

function clusterKeyspace(): MemoryKeyspace {
  return new MemoryKeyspace({ databases: 1, bySlot: true, hashKey: { low: 5, high: 6 } });
}

function set(
  into: Keyspace,
  database: number,
  key: string,
  value: string,
  expireAtMs = NO_EXPIRY,
): void {
  const { databases } = into;
  const name = bytes(key);
  const content = bytes(value);
  databases[database].setValue(0, name, 0, name.length, content, 0, content.length, expireAtMs);
}

/** Everything in a keyspace, `database/key` to value and expiry; a look at `atMs` does not meet expired keys. */
function content(of: Keyspace, bySlot = false): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [number, database] of of.databases.entries()) {
    const keys: Uint8Array[] = [];
    database.forEachKey(0, (key) => {
      keys.push(key.slice());
    });
    for (const key of keys) {
      const slot = bySlot ? keySlot(key) : 0;
      expect(database.find(slot, key, 0, key.length, 0)).toBe(true);
      const { foundBytes, foundStart, foundEnd, foundExpireAtMs } = database;
      found[`${number}/${text(key)}`] =
        `${text(foundBytes, foundStart, foundEnd)} @${foundExpireAtMs}`;
    }
  }
  return found;
}

function written(from: Keyspace, options = {}): Uint8Array {
  const writer = new DatasetWriter(from.databases, options);
  const chunks: Uint8Array[] = [];
  while (writer.step(10)) chunks.push(writer.take());
  while (writer.length > 0) chunks.push(writer.take());
  expect(writer.step(10)).toBe(false);
  return Uint8Array.from(Buffer.concat(chunks));
}

function load(into: Keyspace, file: Uint8Array, options = {}): DatasetLoader {
  const loader = new DatasetLoader(into.databases, {
    bySlot: false,
    nowMs: NOW,
    keepsExpired: false,
    ...options,
  });
  for (let at = 0; at < file.length; at += 1000) loader.push(file.subarray(at, at + 1000));
  loader.end();
  return loader;
}

describe('a data set', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.nat(15),
            fc.string({ maxLength: 12 }),
            fc.oneof(
              fc.string({ maxLength: 40 }),
              fc.integer().map(String),
              fc.constant('ab'.repeat(500)),
            ),
            fc.oneof(fc.constant(NO_EXPIRY), fc.integer({ min: NOW, max: NOW * 2 })),
          ),
          { maxLength: 60 },
        ),
        fc.boolean(),
        (keys, compression) => {
          const from = keyspace();
          for (const [database, key, value, expireAtMs] of keys) {
            set(from, database, Buffer.from(key).toString('latin1'), value, expireAtMs);
          }
          const into = keyspace();
          const loader = load(into, written(from, { compression }));
          expect(content(into)).toEqual(content(from));
          expect(loader.loadedCount).toBe(Object.keys(content(from)).length);
        },
      ),
    );
  });

  test('is that of the moment when it was begun, whatever is written meanwhile', () => {
    const from = keyspace();
    for (let i = 0; i < 3000; i++) set(from, i % 3, `key ${i}`, `value ${i}`);
    const before = content(from);
    const writer = new DatasetWriter(from.databases);
    const chunks: Uint8Array[] = [];
    for (let i = 0; writer.step(20); i++) {
      chunks.push(writer.take());
      for (let k = 0; k < 30; k++) set(from, k % 3, `key ${(i * 37 + k * 101) % 4000}`, 'changed');
      if (i === 20) from.databases[1].clear();
    }
    chunks.push(writer.take());
    const file = Uint8Array.from(Buffer.concat(chunks));
    expect(writer.writtenBytes).toBe(file.length);
    const into = keyspace();
    load(into, file);
    expect(content(into)).toEqual(before);
  });

  test('is taken in slices: what waits does not grow with it', () => {
    const from = keyspace();
    for (let i = 0; i < 20_000; i++) set(from, 0, `key ${i}`, 'v'.repeat(100));
    const writer = new DatasetWriter(from.databases, { compression: false });
    const memory = new Set<ArrayBufferLike>();
    let most = 0;
    while (writer.step(100)) {
      most = Math.max(most, writer.length);
      if (writer.length < 128 * 1024) continue;
      memory.add(writer.take().buffer);
      writer.recycle();
    }
    expect(most).toBeLessThan(150_000);
    expect(memory.size).toBeLessThanOrEqual(2);
    expect(writer.writtenBytes).toBeGreaterThan(2_000_000);
  });

  test('has facts in front, and no more than its end when it is empty', () => {
    const file = written(keyspace(), {
      aux: [
        ['redis-ver', '7.0.15'],
        ['repl-offset', '12345'],
      ],
    });
    const loader = load(keyspace(), file);
    expect([...loader.aux]).toEqual([
      ['redis-ver', '7.0.15'],
      ['repl-offset', '12345'],
    ]);
    expect(loader.loadedCount).toBe(0);
    expect(loader.isDone).toBe(true);
    expect(loader.consumedBytes).toBe(file.length);
  });

  test('loses expired keys in a primary, and keeps them in a replica', () => {
    const from = keyspace();
    set(from, 0, 'gone', 'v', NOW - 1);
    set(from, 0, 'now', 'v', NOW);
    set(from, 0, 'later', 'v', NOW + 1);
    const file = written(from);
    const primary = keyspace();
    const loader = load(primary, file);
    expect(loader.expiredCount).toBe(1);
    expect(Object.keys(content(primary)).sort()).toEqual(['0/later', '0/now']);
    const replica = keyspace();
    load(replica, file, { keepsExpired: true });
    expect(content(replica)).toEqual(content(from));
  });

  test('is loaded by slot in a cluster', () => {
    const from = clusterKeyspace();
    const [database] = from.databases;
    for (let i = 0; i < 100; i++) {
      const key = bytes(`key ${i}`);
      database.setValue(keySlot(key), key, 0, key.length, key, 0, 3, NO_EXPIRY);
    }
    const into = clusterKeyspace();
    load(into, written(from), { bySlot: true });
    expect(content(into, true)).toEqual(content(from, true));
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      if (into.databases[0].countInSlot(slot) !== database.countInSlot(slot))
        throw new Error(`${slot}`);
    }
  });

  test('brings access data along', () => {
    const writer = new RdbWriter();
    writer.idle(100);
    writer.stringEntry(bytes('k'), 0, 1, bytes('v'), 0, 1);
    writer.finish();
    const into = keyspace();
    load(into, writer.take());
    const [database] = into.databases;
    database.touchOnFind = false;
    expect(database.find(0, bytes('k'), 0, 1, NOW)).toBe(true);
    expect(database.foundIdleMs).toBe(100_000);
  });
});

describe('what cannot be written', () => {
  for (const form of ['compact', 'structure'] as const) {
    test(`a ${form} stops the writer, and no command`, () => {
      const from = keyspace();
      for (let i = 0; i < 2000; i++) set(from, 2, `key ${i}`, 'v');
      const [, , database] = from.databases;
      const key = bytes('the set');
      if (form === 'compact') {
        database.setCompact(0, key, 0, key.length, ValueKind.set, key, 0, 3, NO_EXPIRY);
      } else database.setStructure(0, key, 0, key.length, new ByteSet(), NO_EXPIRY);
      const writer = new DatasetWriter(from.databases);
      // Whoever writes to the page of the set hands it over to the snapshot.
      for (let i = 0; i < 2000; i++) set(from, 2, `key ${i}`, 'w');
      const error = thrown(() => {
        while (writer.step(1)) writer.take();
      });
      expect(error).toBeInstanceOf(DatasetError);
      expect(error).toMatchObject({ code: 'UNSUPPORTED_VALUE', key, type: 'set' });
      expect(String(error)).toContain('the set at key "the set" in database 2');
      expect(thrown(() => writer.step(1))).toBe(error);
    });
  }

  test('nothing happens after the writer was closed', () => {
    const from = keyspace();
    for (let i = 0; i < 2000; i++) set(from, 0, `key ${i}`, 'v');
    const writer = new DatasetWriter(from.databases);
    expect(writer.step(1)).toBe(true);
    writer.close();
    const { length } = writer;
    for (let i = 0; i < 2000; i++) set(from, 0, `key ${i}`, 'w');
    expect(writer.step(1)).toBe(false);
    expect(writer.length).toBe(length);
  });
});

describe('what cannot be loaded leaves nothing behind', () => {
  const key = bytes('a key');
  const fileOf = (fill: (writer: RdbWriter) => void): Uint8Array => {
    const writer = new RdbWriter();
    writer.stringEntry(bytes('first'), 0, 5, bytes('v'), 0, 1);
    writer.selectDatabase(1);
    writer.stringEntry(bytes('second'), 0, 6, bytes('v'), 0, 1);
    fill(writer);
    writer.finish();
    return writer.take();
  };

  function refusal(file: Uint8Array, databases = 16): unknown {
    const into = keyspace(databases);
    const loader = new DatasetLoader(into.databases, {
      bySlot: false,
      nowMs: NOW,
      keepsExpired: false,
    });
    const error = thrown(() => {
      loader.push(file);
      loader.end();
    });
    expect(into.databases.every((database) => database.size === 0)).toBe(true);
    expect(thrown(() => loader.push(file))).toBe(error);
    expect(thrown(() => loader.end())).toBe(error);
    return error;
  }

  test('values of other types', () => {
    const error = refusal(
      fileOf((writer) => writer.entry(key, 0, 5, { type: 'list', elements: [key] })),
    );
    expect(error).toMatchObject({ code: 'UNSUPPORTED_VALUE', key, type: 'list' });
    expect(String(error)).toContain('the list at key "a key" in database 1');
  });

  test('functions, other databases, keys that stand there twice', () => {
    expect(refusal(fileOf((writer) => writer.functionLibrary(key)))).toMatchObject({
      code: 'UNSUPPORTED_PART',
    });
    const elsewhere = fileOf((writer) => {
      writer.selectDatabase(16);
      writer.stringEntry(key, 0, 5, key, 0, 5);
    });
    expect(refusal(elsewhere)).toMatchObject({ code: 'NO_SUCH_DATABASE', key });
    expect(
      refusal(
        fileOf(() => undefined),
        1,
      ),
    ).toMatchObject({ code: 'NO_SUCH_DATABASE' });
    const twice = fileOf((writer) => writer.stringEntry(bytes('second'), 0, 6, key, 0, 5));
    expect(refusal(twice)).toMatchObject({ code: 'DUPLICATE_KEY', key: bytes('second') });
  });

  test('a file that is cut anywhere, or has one byte changed', () => {
    const file = fileOf(() => undefined);
    for (let at = 0; at < file.length; at++) {
      expect(refusal(file.subarray(0, at)), `${at} bytes`).toMatchObject({ code: 'TRUNCATED' });
      const damaged = file.slice();
      damaged[at] ^= 1 << (at % 8);
      const error = refusal(damaged);
      const isKnown = error instanceof RdbError || error instanceof DatasetError;
      expect(isKnown, `byte ${at}: ${error}`).toBe(true);
    }
  });

  test('databases that hold something are not touched', () => {
    const into = keyspace();
    set(into, 3, 'k', 'v');
    const options = { bySlot: false, nowMs: NOW, keepsExpired: false };
    expect(thrown(() => new DatasetLoader(into.databases, options))).toMatchObject({
      code: 'NOT_EMPTY',
    });
    expect(Object.keys(content(into))).toEqual(['3/k']);
  });

  test('a load that is given up', () => {
    const into = keyspace();
    const options = { bySlot: false, nowMs: NOW, keepsExpired: false };
    const loader = new DatasetLoader(into.databases, options);
    loader.push(fileOf(() => undefined).subarray(0, 30));
    expect(loader.loadedCount).toBeGreaterThan(0);
    loader.abort();
    expect(Object.keys(content(into))).toEqual([]);
    expect(thrown(() => loader.push(key))).toBeInstanceOf(Error);
  });

  test('what follows the file is given back', () => {
    const loader = new DatasetLoader(keyspace().databases, {
      bySlot: false,
      nowMs: NOW,
      keepsExpired: true,
    });
    loader.push(Uint8Array.from([...fileOf(() => undefined), ...bytes('*1\r\n')]));
    expect(loader.isDone).toBe(true);
    expect(text(loader.rest())).toBe('*1\r\n');
  });
});

describe('DEBUG RELOAD', () => {
  test('leaves everything as it is, but for what has expired', () => {
    const node = new TestNode({ debug: 'yes' });
    const client = node.connect();
    client.run('MSET', 'a', '1', 'b', 'x'.repeat(1000));
    client.run('SET', 'c', 'v', 'EX', '100');
    client.run('SELECT', '3');
    client.run('SET', 'd', 'v');
    client.run('SWAPDB', '3', '5');
    const digest = client.run('DEBUG', 'DIGEST');
    expect(client.run('DEBUG', 'RELOAD')).toBe('+OK\r\n');
    expect(client.run('DEBUG', 'RELOAD', 'merge')).toBe('+OK\r\n');
    expect(client.run('DEBUG', 'DIGEST')).toBe(digest);
    expect(client.run('DEBUG', 'RELOAD', 'x')).toBe(
      '-ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.\r\n',
    );
    expect(client.run('DEBUG', 'RELOAD', 'NOSAVE')).toMatch(/^-ERR DEBUG RELOAD always saves/);
  });

  test('is refused where something cannot be written, and nothing is lost', () => {
    const node = new TestNode({ debug: 'yes' });
    const client = node.connect();
    client.run('SET', 'a', '1');
    const key = bytes('s');
    node.keyspace.databases[0].setCompact(0, key, 0, 1, ValueKind.set, key, 0, 1, NO_EXPIRY);
    expect(client.run('DEBUG', 'RELOAD')).toMatch(/^-ERR the set at key "s" in database 0 cannot/);
    expect(client.run('DBSIZE')).toBe(':2\r\n');
  });
});

describeWithRedis('with redis-server', () => {
  test('it loads what we write, and we load what it writes', async () => {
    const from = keyspace();
    for (let i = 0; i < 3000; i++) {
      const expireAtMs = i % 3 === 0 ? Date.now() + 1_000_000_000 + i : NO_EXPIRY;
      set(
        from,
        i % 4,
        `key ${i}`,
        i % 5 === 0 ? String(i) : 'some value '.repeat(i % 50),
        expireAtMs,
      );
    }
    const folder = temporaryDirectory('slotmesh-dataset-');
    writeFileSync(join(folder.path, 'dump.rdb'), written(from, { aux: [['redis-ver', '7.0.15']] }));
    const server = await startRedis({ dir: folder.path, args: ['--enable-debug-command', 'yes'] });
    const node = new TestNode({ debug: 'yes' });
    node.nowMs = Date.now();
    load(node.keyspace, written(from));
    const client = node.connect();
    const ask = async (...command: string[]): Promise<string> =>
      (await runRedisCli(['-p', String(server.port), ...command])).stdout.trim();
    expect(client.run('DEBUG', 'DIGEST')).toBe(`+${await ask('DEBUG', 'DIGEST')}\r\n`);

    await sent(server.port, ['SET', 'added', '12345678901']);
    await sent(server.port, ['SAVE']);
    const into = new TestNode({ debug: 'yes' });
    into.nowMs = Date.now();
    load(into.keyspace, Uint8Array.from(readFileSync(join(folder.path, 'dump.rdb'))));
    const digest = into.connect().run('DEBUG', 'DIGEST');
    expect(digest).toBe(`+${await ask('DEBUG', 'DIGEST')}\r\n`);
    expect(content(into.keyspace)['0/added']).toBe(`12345678901 @${NO_EXPIRY}`);

    await sent(server.port, ['RPUSH', 'list', 'a']);
    await sent(server.port, ['SAVE']);
    const file = Uint8Array.from(readFileSync(join(folder.path, 'dump.rdb')));
    expect(thrown(() => load(keyspace(), file))).toMatchObject({
      type: 'list',
      key: bytes('list'),
    });
    await server.stop();
    await folder.remove();
  });
});

function sent(port: number, command: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(encodeCommand([...command])));
    socket.once('error', reject);
    socket.once('data', (reply) => {
      socket.destroy();
      if (reply[0] === 0x2d) reject(new Error(String(reply)));
      else resolve(String(reply));
    });
  });
}

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
