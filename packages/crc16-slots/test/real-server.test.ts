// The real redis-server is the judge: CLUSTER KEYSLOT must give what keySlot gives.

import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  describeWithRedis,
  type RedisServer,
  startRedis,
} from '../../../scripts/testing/real-redis.ts';
import { keySlot } from '../src/index.ts';

const SEED = 20261120;

/** What the server says of all keys, asked in one go. */
function askSlots(port: number, keys: readonly Uint8Array[]): Promise<number[]> {
  const requests = keys.map((key) =>
    Buffer.concat([
      Buffer.from(`*3\r\n$7\r\nCLUSTER\r\n$7\r\nKEYSLOT\r\n$${key.length}\r\n`),
      key,
      Buffer.from('\r\n'),
    ]),
  );
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat(requests)));
    const received: Buffer[] = [];
    let lines = 0;
    socket.on('data', (chunk) => {
      received.push(chunk);
      for (const byte of chunk) if (byte === 0x0a) lines++;
      if (lines < keys.length) return;
      socket.destroy();
      const replies = Buffer.concat(received).toString().split('\r\n').slice(0, -1);
      const odd = replies.find((reply) => !/^:\d+$/.test(reply));
      if (odd === undefined) resolve(replies.map((reply) => Number(reply.slice(1))));
      else reject(new Error(`the server answered ${odd}`));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
  });
}

describeWithRedis('a real server', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis({ cluster: true });
  });
  afterAll(() => server?.stop());

  const heavy = fc.array(
    fc.oneof(
      { arbitrary: fc.constantFrom('{', '}'), weight: 3 },
      { arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }), weight: 2 },
    ),
    { maxLength: 12 },
  );
  const braced = heavy.map((parts) => parts.join(''));
  const units = fc.oneof(fc.nat(0x7f), fc.nat(0xffff), fc.integer({ min: 0xd800, max: 0xdfff }));
  const surrogates = fc
    .array(units, { maxLength: 16 })
    .map((codes) => String.fromCharCode(...codes));

  it.each([
    ['text', fc.string({ unit: 'grapheme', maxLength: 40 }), 4000],
    ['text with many braces', braced, 8000],
    ['text with lone surrogates', surrogates, 4000],
  ])('agrees on %s', async (_, key, count) => {
    const keys = fc.sample(key, { seed: SEED, numRuns: count });
    const bytes = keys.map((text) => Buffer.from(text, 'utf8'));
    const slots = await askSlots(server.port, bytes);
    expect(keys.map((text) => keySlot(text))).toEqual(slots);
    expect(bytes.map((key) => keySlot(new Uint8Array(key)))).toEqual(slots);
  });

  it('agrees on bytes, with many braces too', async () => {
    const byte = fc.nat(255);
    const brace = fc.constantFrom(0x7b, 0x7d);
    const keys = [
      ...fc.sample(fc.uint8Array({ maxLength: 60 }), { seed: SEED, numRuns: 4000 }),
      ...fc.sample(fc.array(fc.oneof(byte, brace), { maxLength: 24 }), {
        seed: SEED,
        numRuns: 4000,
      }),
    ].map((key) => Uint8Array.from(key));
    expect(keys.map((key) => keySlot(key))).toEqual(await askSlots(server.port, keys));
  });
});
