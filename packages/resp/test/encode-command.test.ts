import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeCommand, encodeCommands } from '../src/index.ts';
import { fromLatin1 } from './support.ts';

it('encodes text as UTF-8 and bytes as they are', () => {
  expect(fromLatin1(encodeCommand(['SET', 'é', Uint8Array.of(0, 255)]))).toBe(
    '*3\r\n$3\r\nSET\r\n$2\r\n\xc3\xa9\r\n$2\r\n\0\xff\r\n',
  );
  expect(fromLatin1(encodeCommand([''])).length).toBe('*1\r\n$0\r\n\r\n'.length);
});

it('encodes a batch as the commands one after the other', () => {
  const commands = [['PING'], ['GET', 'k'.repeat(60)], ['SET', 'k', '\u{1f600}'.repeat(30)]];
  const one = commands.map((args) => fromLatin1(encodeCommand(args))).join('');
  expect(fromLatin1(encodeCommands(commands))).toBe(one);
  expect(encodeCommands([])).toHaveLength(0);
});

it('refuses a command without a name', () => {
  expect(() => encodeCommand([])).toThrow(RangeError);
  expect(() => encodeCommands([['PING'], []])).toThrow(RangeError);
});

it('encodes text as a TextEncoder does', () => {
  const encoder = new TextEncoder();
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 100 }),
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    fc.array(fc.constantFrom('a', '\ud800', '\udc00', 'é', '€')).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (value) => {
      expect(encodeCommand([value])).toEqual(encodeCommand([encoder.encode(value)]));
    }),
  );
});
