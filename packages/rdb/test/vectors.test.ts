// A file and payloads that a redis-server 7.0.15 has made, kept so that they are read where there is none. They were
// made by the commands of support/corpus.ts (SMALL); scripts in this folder are not needed to read them.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseDumpPayload } from '../src/index.ts';
import { cut, plain, randomOf } from './support/bytes.ts';
import { HANDMADE } from './support/handmade.ts';
import { fingerprint, outcome, readFile, singly } from './support/read.ts';
import { PAYLOADS, RDB_FILE } from './support/vectors.ts';

const EXPECTED = JSON.parse(
  readFileSync(new URL('./vectors/redis-7.0.15.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;

it('the file has the values that commands told when it was made', () => {
  const content = readFile([RDB_FILE]);
  expect(content.version).toBe(10);
  expect(content.aux.get('redis-ver')).toBe('7.0.15');
  expect(content.checksum).toBe('verified');
  for (const [key, value] of Object.entries(EXPECTED)) {
    expect((content.entries.get(`0/${key}`) as { value: unknown }).value, key).toEqual(value);
  }
  expect(content.entries.size).toBe(Object.keys(EXPECTED).length + 1);
  expect(content.entries.get('3/other-database')).toMatchObject({ expireAtMs: 4102444800456 });
});

it('the file is the same byte by byte and cut at random', () => {
  const whole = fingerprint(readFile([RDB_FILE]));
  expect(fingerprint(readFile(singly(RDB_FILE)))).toBe(whole);
  for (let seed = 0; seed < 50; seed++) {
    expect(fingerprint(readFile(cut(RDB_FILE, randomOf(seed)))), `seed ${seed}`).toBe(whole);
  }
});

it('payloads have the values that commands told when they were made', () => {
  expect(PAYLOADS.size).toBe(Object.keys(EXPECTED).length);
  for (const [key, payload] of PAYLOADS) {
    expect(plain(parseDumpPayload(payload).value), key).toEqual(EXPECTED[key]);
  }
});

it('forms of older servers are read', () => {
  const values = Object.fromEntries(
    HANDMADE.map(({ name, payload }) => [name, plain(parseDumpPayload(payload).value)]),
  );
  expect(values['list as a ziplist']).toEqual({
    list: [
      ...['0', '12', '-128', '-32768', '8388607', '-8388608', '-2147483648'],
      ...['9223372036854775807', '4294967296', '', 'short', 'm'.repeat(300)],
      ...['after a long one', 'n'.repeat(17_000), 'the end'],
    ],
  });
  expect(values['quicklist of ziplists']).toEqual(values['list as a ziplist']);
  expect(values['list of strings']).toEqual({ list: ['a', '-2'] });
  expect(values.zipmap).toEqual({
    hash: ['foo = bar', 'hello = world', `${'k'.repeat(260)} = v`],
  });
  expect(values['hash as a ziplist']).toEqual({ hash: ['8 = value', 'f = 7'] });
  expect(values['sorted set as a ziplist']).toEqual({
    zset: ['1 = Infinity', 'a = -1.5', 'b = 2'],
  });
  expect(values['sorted set with scores as texts']).toEqual({
    zset: ['a = 1.5', 'b = Infinity', 'c = -Infinity', 'd = 100000000000000000000'],
  });
});

it('a file that ends anywhere else is refused', () => {
  for (let end = 0; end < RDB_FILE.length; end++) {
    expect(outcome([RDB_FILE.subarray(0, end)]), `${end} bytes`).toBe('TRUNCATED');
  }
});

it('a file with one bit changed is refused', () => {
  const whole = fingerprint(readFile([RDB_FILE]));
  for (let at = 0; at < RDB_FILE.length; at++) {
    const damaged = RDB_FILE.slice();
    damaged[at] ^= 1 << (at % 8);
    const found = outcome([damaged]);
    if (typeof found === 'string') continue;
    // The version alone can be another known one: it is in the checksum too.
    expect(fingerprint(found), `byte ${at}`).toBe(whole);
  }
});

it('a payload that is cut or has one byte changed is refused', () => {
  for (const [key, payload] of PAYLOADS) {
    for (let at = 0; at < payload.length; at++) {
      expect(() => parseDumpPayload(payload, 0, at), `${key}, ${at} bytes`).toThrow(/at byte/);
      const damaged = payload.slice();
      damaged[at] ^= 1 << (at % 8);
      expect(() => parseDumpPayload(damaged), `${key}, byte ${at}`).toThrow(/at byte/);
    }
  }
});
