import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeWithRedis, runRedisCli, startRedis } from '../../../scripts/testing/real-redis.ts';
import { crc64 } from '../src/crc64.ts';

/** Straight from the definition: one bit at a time. */
function crc64ByBit(bytes: Uint8Array): string {
  const reversed = 0x95ac9329ac4bc9b5n;
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (crc & 1n ? reversed : 0n);
  }
  return crc.toString(16).padStart(16, '0');
}

it('has the check value of its definition', () => {
  expect(crc64(new TextEncoder().encode('123456789'))).toBe('e9c6d914c4b8d9ca');
  expect(crc64(new Uint8Array(0))).toBe('0000000000000000');
});

it('is what the definition says', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(crc64(bytes)).toBe(crc64ByBit(bytes));
    }),
  );
});

describeWithRedis('crc64 beside redis-server', () => {
  it('is the checksum of a DUMP payload', async () => {
    const server = await startRedis();
    const { stdout } = await runRedisCli([
      ...['-p', String(server.port), 'EVAL'],
      "redis.call('SET', 'k', string.rep('slotmesh', 40)); local d = redis.call('DUMP', 'k')" +
        " return (d:gsub('.', function(c) return string.format('%02x', c:byte()) end))",
      '0',
    ]);
    await server.stop();
    const payload = Uint8Array.from(stdout.trim().match(/../g)!, (hex) => Number.parseInt(hex, 16));
    const checksum = payload.slice(-8).toReversed();
    const hex = [...checksum].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    expect(crc64(payload.subarray(0, -8))).toBe(hex);
  });
});
