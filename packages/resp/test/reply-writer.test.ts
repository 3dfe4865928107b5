import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError, ReplyWriter } from '../src/index.ts';
import { decodeReplies, fromLatin1 } from './support.ts';

function written(protocol: 2 | 3, write: (writer: ReplyWriter) => void): string {
  const writer = new ReplyWriter(protocol);
  write(writer);
  return fromLatin1(writer.take());
}

it('copies the same bytes with a view of them at hand', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) & 0xff);
  const view = new DataView(bytes.buffer);
  for (let length = 0; length < 330; length++) {
    const [plain, viewed] = [new ReplyWriter(), new ReplyWriter()];
    plain.bulk(bytes, 3, 3 + length);
    viewed.bulk(bytes, 3, 3 + length, view);
    expect(viewed.take()).toEqual(plain.take());
  }
});

describe('the forms of both protocols', () => {
  const cases: readonly [string, (writer: ReplyWriter) => void, string, string][] = [
    ['simple', (w) => w.simple('OK'), '+OK\r\n', '+OK\r\n'],
    ['error', (w) => w.error('ERR no'), '-ERR no\r\n', '-ERR no\r\n'],
    ['integer', (w) => w.integer(-7), ':-7\r\n', ':-7\r\n'],
    ['bulk', (w) => w.bulk(Uint8Array.of(0, 13, 10)), '$3\r\n\0\r\n\r\n', '$3\r\n\0\r\n\r\n'],
    ['part of bytes', (w) => w.bulk(Uint8Array.of(65, 66, 67), 1, 2), '$1\r\nB\r\n', '$1\r\nB\r\n'],
    ['text', (w) => w.text('é'), '$2\r\n\xc3\xa9\r\n', '$2\r\n\xc3\xa9\r\n'],
    ['null', (w) => w.null(), '$-1\r\n', '_\r\n'],
    ['null array', (w) => w.nullArray(), '*-1\r\n', '_\r\n'],
    ['array', (w) => w.array(12), '*12\r\n', '*12\r\n'],
    ['map', (w) => w.map(3), '*6\r\n', '%3\r\n'],
    ['set', (w) => w.set(3), '*3\r\n', '~3\r\n'],
    ['push', (w) => w.push(3), '*3\r\n', '>3\r\n'],
    ['double', (w) => w.double(0.1), '$19\r\n0.10000000000000001\r\n', ',0.10000000000000001\r\n'],
    ['infinite', (w) => w.double(-1 / 0), '$4\r\n-inf\r\n', ',-inf\r\n'],
    ['not a number', (w) => w.double(0 / 0), '$3\r\nnan\r\n', ',nan\r\n'],
    ['true', (w) => w.boolean(true), ':1\r\n', '#t\r\n'],
    ['false', (w) => w.boolean(false), ':0\r\n', '#f\r\n'],
    [
      'big number',
      (w) => w.bigNumber(-(2n ** 70n)),
      '$23\r\n-1180591620717411303424\r\n',
      '(-1180591620717411303424\r\n',
    ],
    [
      'verbatim',
      (w) => w.verbatim('txt', 'é\n'),
      '$3\r\n\xc3\xa9\n\r\n',
      '=7\r\ntxt:\xc3\xa9\n\r\n',
    ],
    ['raw', (w) => w.raw(Uint8Array.of(43, 65, 13, 10)), '+A\r\n', '+A\r\n'],
  ];
  it.each(cases)('%s', (_, write, resp2, resp3) => {
    expect(written(2, write)).toBe(resp2);
    expect(written(3, write)).toBe(resp3);
  });

  it('has attributes in RESP3 only', () => {
    expect(written(3, (w) => w.attribute(2))).toBe('|2\r\n');
    expect(() => new ReplyWriter(2).attribute(2)).toThrow(RangeError);
  });

  it('writes every integer of 64 bits, and no other number', () => {
    for (const value of [0, 9, 10, 2147483647, 2147483648, -2147483648, 2 ** 53, -0, 2 ** 62]) {
      expect(written(2, (w) => w.integer(value))).toBe(`:${BigInt(value)}\r\n`);
    }
    for (const value of [2n ** 63n - 1n, -(2n ** 63n)]) {
      expect(written(2, (w) => w.integer(value))).toBe(`:${value}\r\n`);
    }
    for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 63, 2n ** 63n]) {
      expect(() => new ReplyWriter().integer(value)).toThrow(RangeError);
    }
  });

  it('refuses lengths that are none', () => {
    for (const length of [-1, 0.5, Number.NaN, 2 ** 31]) {
      expect(() => new ReplyWriter().array(length)).toThrow(RangeError);
    }
    expect(() => new ReplyWriter(3).verbatim('text', '')).toThrow(RangeError);
    expect(() => new ReplyWriter(3).verbatim('a:b', '')).toThrow(RangeError);
  });

  it('writes counts of every length', () => {
    for (const value of [0, 9, 10, 99, 100, 999, 1000, 9999, 10000, 99999, 100000, 999999].concat([
      1e6, 9999999, 1e7, 99999999, 1e8, 999999999, 1e9, 2147483647,
    ])) {
      expect(written(2, (w) => w.array(value))).toBe(`*${value}\r\n`);
    }
  });
});

describe('the answer to bytes that are no command', () => {
  it('quotes a byte as that byte, and stays one line', () => {
    const error = new ProtocolError('EXPECTED_BULK', "Protocol error: expected '$', got '\xe9'");
    expect(written(2, (w) => w.protocolError(error))).toBe(
      "-ERR Protocol error: expected '$', got '\xe9'\r\n",
    );
    const split = new ProtocolError('EXPECTED_BULK', 'a\r\nb');
    expect(written(3, (w) => w.protocolError(split))).toBe('-ERR a  b\r\n');
  });
});

describe('the buffer', () => {
  it('hands over views that stay as they are', () => {
    const writer = new ReplyWriter();
    const taken: Uint8Array[] = [];
    const copies: string[] = [];
    for (let i = 0; i < 300; i++) {
      writer.text('x'.repeat((i * 37) % 900));
      taken.push(writer.take());
      copies.push(fromLatin1(taken[i]));
      expect(writer.length).toBe(0);
    }
    expect(taken.map(fromLatin1)).toEqual(copies);
  });

  it('writes into the same memory again once that is recycled, but never over what waits', () => {
    const writer = new ReplyWriter();
    writer.text('one');
    const one = writer.take();
    writer.recycle();
    writer.text('two');
    writer.recycle(); // something waits: nothing happens
    writer.text('six');
    const two = writer.take();
    expect(two.buffer).toBe(one.buffer);
    expect(two.byteOffset).toBe(one.byteOffset);
    expect(fromLatin1(two)).toBe('$3\r\ntwo\r\n$3\r\nsix\r\n');
  });

  it('keeps the memory of large replies until it is told to shrink, but never while replies wait', () => {
    const writer = new ReplyWriter();
    const large = new Uint8Array(100_000);
    writer.bulk(large);
    const first = writer.take();
    writer.recycle();
    writer.bulk(large);
    writer.shrink(); // something waits: nothing happens
    const second = writer.take();
    expect(second.buffer).toBe(first.buffer);
    writer.shrink();
    writer.text('small');
    const third = writer.take();
    expect(third.buffer).not.toBe(first.buffer);
    expect(third.buffer.byteLength).toBeLessThan(32 * 1024);
    expect(fromLatin1(third)).toBe('$5\r\nsmall\r\n');
  });

  it('grows to what a batch needs', () => {
    const writer = new ReplyWriter();
    const big = new Uint8Array(100_000).fill(120);
    for (let i = 0; i < 50; i++) writer.bulk(big);
    expect(writer.length).toBe(50 * (100_000 + 11));
    const { replies } = decodeReplies([writer.take()]);
    expect(replies).toHaveLength(50);
    expect(writer.take()).toHaveLength(0);
  });

  it('takes back the end of what was written', () => {
    const writer = new ReplyWriter();
    writer.simple('one');
    writer.take();
    writer.simple('two');
    const { length } = writer;
    writer.error('ERR three');
    writer.truncate(length);
    writer.simple('four');
    expect(() => writer.truncate(100)).toThrow(RangeError);
    expect(fromLatin1(writer.take())).toBe('+two\r\n+four\r\n');
  });
});

describe('properties', () => {
  const text = fc.string({ unit: 'binary', maxLength: 80 });
  const dirty = fc.array(fc.constantFrom('\r', '\n', '-', '+', '$1', 'ERR', ' ', 'é', '\ud800'));
  const any = fc.oneof(
    text,
    dirty.map((parts) => parts.join('')),
  );
  const call = fc.oneof(
    any.map((value) => (w: ReplyWriter) => w.simple(value)),
    any.map((value) => (w: ReplyWriter) => w.error(value)),
    any.map((value) => (w: ReplyWriter) => w.text(value)),
    any.map((value) => (w: ReplyWriter) => w.verbatim('txt', value)),
    fc.uint8Array().map((value) => (w: ReplyWriter) => w.bulk(value)),
    fc.double().map((value) => (w: ReplyWriter) => w.double(value)),
    fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((value) => (w: ReplyWriter) => w.integer(value)),
    fc.bigInt().map((value) => (w: ReplyWriter) => w.bigNumber(value)),
    fc.boolean().map((value) => (w: ReplyWriter) => w.boolean(value)),
  );

  it('whatever is written is one reply, in both protocols', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 20 }), fc.constantFrom(2, 3), (calls, protocol) => {
        const writer = new ReplyWriter(protocol as 2 | 3);
        for (const write of calls) write(writer);
        const { replies, error } = decodeReplies([writer.take()]);
        expect(error).toBe('');
        expect(replies).toHaveLength(calls.length);
      }),
    );
  });

  it('a double reads back as itself', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const { replies } = decodeReplies([
          new TextEncoder().encode(written(3, (w) => w.double(value))),
        ]);
        expect(replies).toEqual([value]);
      }),
    );
  });
});
