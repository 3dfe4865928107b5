import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc16, hashTag, keySlot, keySlotOfRange, SLOT_COUNT, sameSlot } from '../src/index.ts';

const encoder = new TextEncoder();

/** The specification's words, as slowly as they can be said. */
function slowSlot(bytes: Uint8Array): number {
  const open = bytes.indexOf(0x7b);
  const close = open < 0 ? -1 : bytes.indexOf(0x7d, open + 1);
  const part = close > open + 1 ? bytes.subarray(open + 1, close) : bytes;
  let crc = 0;
  for (const byte of part) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++)
      crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc % SLOT_COUNT;
}

// Keys that widely used functions get wrong, with the slots that a server's CLUSTER KEYSLOT gives.
const HARD_KEYS: readonly [string, number][] = [
  ['foo{}{bar}', 8363],
  ['{}{a}', 13650],
  ['{}}', 14790],
  ['x{}y{z}w', 11371],
  ['\ud800x', 5380],
];

describe('keySlot', () => {
  it.each(HARD_KEYS)('of %j is %i', (key, slot) => {
    expect(keySlot(key)).toBe(slot);
    expect(keySlot(encoder.encode(key))).toBe(slot);
  });

  it('follows the examples of the specification', () => {
    expect(keySlot('123456789')).toBe(0x31c3);
    expect(keySlot('{user1000}.following')).toBe(keySlot('user1000'));
    expect(keySlot('foo{{bar}}zap')).toBe(keySlot('{bar'));
    expect(keySlot('foo{bar}{zap}')).toBe(keySlot('bar'));
    expect(keySlot('')).toBe(0);
  });

  it('is what the slow way gives, for bytes, ranges and text', () => {
    const byte = fc.oneof(fc.constantFrom(0x7b, 0x7d, 0x61), fc.nat(255));
    const key = fc.array(byte, { maxLength: 40 }).map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(key, fc.nat(5), (bytes, shift) => {
        const slot = slowSlot(bytes);
        expect(keySlot(bytes)).toBe(slot);
        const around = new Uint8Array(bytes.length + 10).fill(0x7b);
        around.fill(0x7d, shift + bytes.length);
        around.set(bytes, shift);
        expect(keySlotOfRange(around, shift, shift + bytes.length)).toBe(slot);
        const latin1 = String.fromCharCode(...bytes);
        expect(keySlot(latin1)).toBe(slowSlot(encoder.encode(latin1)));
      }),
      { numRuns: 1000 },
    );
  });

  it('hashes text as the bytes that an encoder sends', () => {
    const unit = fc.oneof(
      fc.constantFrom('{', '}', 'a', 'é', '€', '\u{1f600}', '\ud800', '\udc00', '\ud83d', '\udfff'),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    );
    const text = fc.array(unit, { maxLength: 20 }).map((units) => units.join(''));
    fc.assert(
      fc.property(text, (key) => {
        expect(keySlot(key)).toBe(slowSlot(encoder.encode(key)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('crc16', () => {
  it('has the check value of CRC-16/XMODEM', () => {
    expect(crc16(encoder.encode('123456789'))).toBe(0x31c3);
    expect(crc16(encoder.encode('..123456789..'), 2, 11)).toBe(0x31c3);
    expect(crc16(encoder.encode('..123456789'), 2)).toBe(0x31c3);
    expect(crc16(new Uint8Array(0))).toBe(0);
  });
});

describe('hashTag', () => {
  it.each([
    ['a{b}c', 'b'],
    ['a{b}c{d}', 'b'],
    ['{{b}}', '{b'],
    ['a{}b{c}', 'a{}b{c}'],
    ['a}b{c', 'a}b{c'],
    ['a}{b}', 'b'],
    ['a', 'a'],
    ['', ''],
  ])('of %j is %j', (key, tag) => {
    expect(hashTag(key)).toBe(tag);
    expect(new TextDecoder().decode(hashTag(encoder.encode(key)))).toBe(tag);
    expect(keySlot(hashTag(key))).toBe(tag.includes('{') ? keySlot(hashTag(key)) : keySlot(key));
  });

  it('is a view of bytes', () => {
    const key = encoder.encode('a{b}c');
    expect(hashTag(key).buffer).toBe(key.buffer);
  });
});

describe('sameSlot', () => {
  it('asks for one slot of all keys, text or bytes', () => {
    expect(sameSlot([])).toBe(true);
    expect(sameSlot(['a'])).toBe(true);
    expect(sameSlot(['a{x}', encoder.encode('{x}b'), 'x'])).toBe(true);
    expect(sameSlot(['a{x}', '{x}b', 'y'])).toBe(false);
    expect(sameSlot(new Set(['b', 'a']))).toBe(false);
  });
});
