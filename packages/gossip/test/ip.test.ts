import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeIp } from '../src/index.ts';

describe('IP addresses', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1::', '1::'],
    ['2001:DB8::00aB', '2001:db8::ab'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['0:0:1:0:0:0:0:0', '0:0:1::'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['::ffff:a00:1', '::ffff:10.0.0.1'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
  ])('%s is %s', (text, canonical) => {
    expect(normalizeIp(text)).toBe(canonical);
  });

  it.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '::12345',
    '::g',
    '1.2.3.4::',
    '::1.2.3',
    '::1%lo',
  ])('%j is none', (text) => {
    expect(normalizeIp(text)).toBeNull();
  });

  it('takes what the platform takes, and gives the same form however an address was written', () => {
    const part = fc.constantFrom('0', '1', 'ff', '0000', '00ab', '12345', '', '1.2.3.4', '256');
    const texts = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.array(part, { maxLength: 9 }).map((parts) => parts.join(':')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const canonical = normalizeIp(text);
        expect(canonical !== null).toBe(isIP(text) !== 0);
        if (canonical !== null) expect(normalizeIp(canonical)).toBe(canonical);
      }),
    );
  });
});
