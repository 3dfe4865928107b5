import { expect, test } from 'vitest';
import { type HashKey, KeyProbe, sameBytes } from '../src/hash.ts';

const KEY = { low: 0x03020100, high: 0x07060504 };
const hashBytes = (key: HashKey, bytes: Uint8Array, start: number, end: number): number => {
  const probe = new KeyProbe(key);
  probe.read(bytes, start, end);
  return probe.hash;
};
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'latin1'));

test('depends on every byte, on the length and on the key, not on where the bytes lie', () => {
  const seen = new Set<number>();
  const add = (bytes: Uint8Array, key = KEY): void => {
    seen.add(hashBytes(key, bytes, 0, bytes.length));
  };
  for (let length = 0; length < 40; length++) add(new Uint8Array(length));
  for (let at = 0; at < 17; at++) {
    const bytes = new Uint8Array(17);
    for (let value = 1; value < 256; value++) {
      bytes[at] = value;
      add(bytes);
    }
  }
  add(text('same'), { low: 1, high: 0 });
  add(text('same'), { low: 0, high: 1 });
  add(text('same'));
  expect(seen.size).toBe(40 + 17 * 255 + 3);
  const inside = text('..same..');
  expect(hashBytes(KEY, inside, 2, 6)).toBe(hashBytes(KEY, text('same'), 0, 4));
});

test('spreads similar keys evenly', () => {
  const buckets = new Array<number>(1024).fill(0);
  for (let i = 0; i < 102_400; i++) {
    const bytes = text(`user:${i}`);
    buckets[hashBytes(KEY, bytes, 0, bytes.length) & 1023]++;
  }
  expect(Math.min(...buckets)).toBeGreaterThan(50);
  expect(Math.max(...buckets)).toBeLessThan(160);
});

test('sameBytes compares whole ranges', () => {
  expect(sameBytes(text('..abc'), 2, text('xabcx'), 1, 4)).toBe(true);
  expect(sameBytes(text('abd'), 0, text('xabcx'), 1, 4)).toBe(false);
  expect(sameBytes(text(''), 0, text('x'), 1, 1)).toBe(true);
});
