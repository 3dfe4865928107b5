import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CommandArguments,
  CommandDecoder,
  DEFAULT_COMMAND_LIMITS,
  encodeCommands,
  ProtocolError,
  UNAUTHENTICATED_COMMAND_LIMITS,
} from '../src/index.ts';
import { cut, decodeCommands, fromLatin1, latin1 } from './support.ts';

const SIZES = [[1], [2], [3], [5], [7], [64], [511], [512], [513], [16384], [1, 100], [1000, 1]];

/** Decodes whole and cut in every way; all must agree. */
function everyWay(text: string, limits = DEFAULT_COMMAND_LIMITS) {
  const bytes = latin1(text);
  const whole = decodeCommands([bytes.slice()], limits);
  for (const sizes of SIZES) {
    expect(decodeCommands(cut(bytes, sizes), limits), `cut by ${sizes}`).toEqual(whole);
  }
  return whole;
}

const commands = (text: string) => {
  const result = everyWay(text);
  expect(result.error).toBe('');
  return result.commands;
};

describe('commands that are read ahead', () => {
  /** As `decodeCommands`, but each command is looked at only when no further one lasts beside it. */
  function readAhead(pieces: readonly Uint8Array[]): string[][] {
    const decoder = new CommandDecoder();
    const ring = Array.from({ length: 4 }, () => new CommandArguments());
    const commands: string[][] = [];
    for (const piece of pieces) {
      decoder.push(piece);
      let hasMore = true;
      while (hasMore) {
        let size = 0;
        do {
          hasMore = decoder.next();
          if (hasMore) decoder.moveTo(ring[size++]);
        } while (hasMore && decoder.isLasting && size < ring.length);
        for (const { buffer, starts, ends, count } of ring.slice(0, size)) {
          commands.push(
            Array.from({ length: count }, (_, i) =>
              fromLatin1(buffer.subarray(starts[i], ends[i])),
            ),
          );
        }
      }
      piece.fill(0x21);
    }
    return commands;
  }

  const word = fc.string({ maxLength: 40, unit: 'binary-ascii' });
  const longer = fc.nat(700).map((length) => 'y'.repeat(length));
  const list = fc.array(fc.array(fc.oneof(word, longer), { minLength: 1, maxLength: 24 }));

  it('are the same, however the stream is cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(list, sizes, (written, pieces) => {
        const bytes = encodeCommands(written);
        expect(readAhead([bytes.slice()])).toEqual(written);
        expect(readAhead(cut(bytes, pieces))).toEqual(written);
      }),
    );
  });

  it('may be inline ones among others', () => {
    const wire = latin1(
      '*1\r\n$4\r\nPING\r\nget a\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\nget c\r\nget d\r\n',
    );
    expect(readAhead([wire])).toEqual([
      ['PING'],
      ['get', 'a'],
      ['GET', 'b'],
      ['get', 'c'],
      ['get', 'd'],
    ]);
  });
});

it('has as many arguments as the limit says, also where that is below ten', () => {
  const limits = { ...DEFAULT_COMMAND_LIMITS, argumentsMax: 2 };
  expect(everyWay('*2\r\n$1\r\na\r\n$1\r\nb\r\n', limits).commands).toEqual([['a', 'b']]);
  const { commands, error } = everyWay('*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n', limits);
  expect(commands).toEqual([]);
  expect(error).toBe('Protocol error: invalid multibulk length');
});

describe('commands', () => {
  it('are arrays of bulk strings, with any bytes in them', () => {
    expect(commands('*1\r\n$4\r\nPING\r\n')).toEqual([['PING']]);
    expect(commands('*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\n\r\n\0\xff\r\n')).toEqual([
      ['SET', '', '\r\n\0\xff'],
    ]);
  });

  it('follow each other, arrays and inline mixed', () => {
    expect(commands('*1\r\n$4\r\nPING\r\nping\r\n*1\r\n$1\r\na\r\n')).toEqual([
      ['PING'],
      ['ping'],
      ['a'],
    ]);
  });

  it('are skipped when empty, and leave no state behind', () => {
    expect(commands('*0\r\n\r\n\n  \r\n*-1\r\n*-5\r\nPING\r\n*0\r\n*1\r\n$1\r\nx\r\n')).toEqual([
      ['PING'],
      ['x'],
    ]);
  });

  it('may be long: many arguments, and big ones', () => {
    const many = Array.from({ length: 5461 }, (_, i) => String(i));
    const big = 'x'.repeat(100_000);
    const wire = (args: string[]) =>
      `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
    expect(commands(wire(many) + wire(['SET', 'k', big]) + wire(['PING']))).toEqual([
      many,
      ['SET', 'k', big],
      ['PING'],
    ]);
  });

  it('do not care what stands in place of CR LF after an argument, nor of LF after a length', () => {
    expect(commands('*1\rX$4\rYPINGab*1\r\n$1\r\nz\r\n')).toEqual([['PING'], ['z']]);
  });
});

describe('inline commands', () => {
  const cases: readonly [string, string[]][] = [
    ['a b  c', ['a', 'b', 'c']],
    ['\t a\v \fb', ['a\v', 'b']],
    ['"a b" c', ['a b', 'c']],
    ['"\\x41\\n\\r\\t\\b\\a\\"\\\\\\q"', ['A\n\r\t\b\x07"\\q']],
    ['"\\x4"', ['x4']],
    ['"\\xzz"', ['xzz']],
    ["'a\\'b\\n'", ["a'b\\n"]],
    ['"" \'\'', ['', '']],
    ['foo"bar" x', ['foobar', 'x']],
    ["a'b c'", ['ab c']],
    ['a\\x41', ['a\\x41']],
    ['"\x80\xff"', ['\x80\xff']],
  ];
  it.each(cases)('%j', (line, expected) => {
    expect(commands(`${line}\r\n`)).toEqual([expected]);
    expect(commands(`${line}\n`)).toEqual([expected]);
  });

  it.each(['"a', "'a", '"a"b', "'a'b", '"a\\"', 'x "', '"a""b"'])('%j is unbalanced', (line) => {
    const result = everyWay(`PING\r\n${line}\r\nPING\r\n`);
    expect(result).toMatchObject({
      commands: [['PING']],
      error: 'Protocol error: unbalanced quotes in request',
    });
  });
});

describe('a stream that breaks the protocol', () => {
  const long = (length: number) => '1'.repeat(length);
  const cases: readonly [string, string][] = [
    ['*x\r\n', 'invalid multibulk length'],
    ['*\r\n', 'invalid multibulk length'],
    ['*+1\r\n', 'invalid multibulk length'],
    ['*01\r\n', 'invalid multibulk length'],
    ['*-0\r\n', 'invalid multibulk length'],
    ['* 1\r\n', 'invalid multibulk length'],
    ['*1\n$4\r\nPING\r\n', 'invalid multibulk length'],
    ['*2147483648\r\n', 'invalid multibulk length'],
    ['*9223372036854775808\r\n', 'invalid multibulk length'],
    ['*-9223372036854775809\r\n', 'invalid multibulk length'],
    [`*${long(65536)}`, 'too big mbulk count string'],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$\r\n', 'invalid bulk length'],
    ['*1\r\n$00\r\n', 'invalid bulk length'],
    ['*1\r\n$1x\r\n', 'invalid bulk length'],
    ['*1\r\n$536870913\r\n', 'invalid bulk length'],
    [`*1\r\n$${long(65536)}`, 'too big bulk count string'],
    ['*1\r\nfoo\r\n', "expected '$', got 'f'"],
    ['*1\r\n\r\n', "expected '$', got ' '"],
    ['*2\r\n$1\r\na\r\n*1\r\n', "expected '$', got '*'"],
    ['x'.repeat(65537), 'too big inline request'],
    [`${'x'.repeat(65537)}\r\n`, 'too big inline request'],
    [`a\0\r\n${'x'.repeat(65536)}`, 'too big inline request'],
  ];
  it.each(cases.map(([text, error]) => [text.slice(0, 20), error, text]))(
    '%j: %s',
    (_, error, text) => {
      expect(everyWay(text)).toMatchObject({ commands: [], error: `Protocol error: ${error}` });
      expect(everyWay(`PING\r\n${text}`).commands).toEqual([['PING']]);
    },
  );

  it('is let off with the longest lines', () => {
    expect(commands(`${'x'.repeat(65536)}\n`)).toEqual([['x'.repeat(65536)]]);
    expect(commands(`*-9223372036854775808\r\nPING\r\n`)).toEqual([['PING']]);
    expect(everyWay(`*${long(65535)}`)).toEqual({ commands: [], error: '' });
    expect(everyWay('*2147483647\r\n$536870912\r\n')).toEqual({ commands: [], error: '' });
  });

  it('throws the same error ever after', () => {
    const decoder = new CommandDecoder();
    decoder.push(latin1('*x\r\nPING\r\n'));
    const attempt = () => {
      try {
        decoder.next();
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const first = attempt();
    expect(first).toBeInstanceOf(ProtocolError);
    expect((first as ProtocolError).code).toBe('INVALID_MULTIBULK_LENGTH');
    decoder.push(latin1('PING\r\n'));
    expect(attempt()).toBe(first);
  });
});

describe('limits', () => {
  it('are small before authentication, and say so', () => {
    const limits = UNAUTHENTICATED_COMMAND_LIMITS;
    const error = (text: string) => everyWay(text, limits).error;
    expect(error('*11\r\n')).toBe('Protocol error: unauthenticated multibulk length');
    expect(error('*10\r\n')).toBe('');
    expect(error('*2147483648\r\n')).toBe('Protocol error: invalid multibulk length');
    expect(error('*1\r\n$16385\r\n')).toBe('Protocol error: unauthenticated bulk length');
    expect(error('*1\r\n$16384\r\n')).toBe('');
    expect(error('*1\r\n$536870913\r\n')).toBe('Protocol error: invalid bulk length');
  });

  it('change between commands of one chunk', () => {
    const decoder = new CommandDecoder(UNAUTHENTICATED_COMMAND_LIMITS);
    decoder.push(latin1(`AUTH x\r\n*1\r\n$20000\r\n${'x'.repeat(20000)}\r\n`));
    expect(decoder.next()).toBe(true);
    decoder.limits = DEFAULT_COMMAND_LIMITS;
    expect(decoder.next()).toBe(true);
    expect(decoder.ends[0] - decoder.starts[0]).toBe(20000);
  });

  it('hold for a command as a whole', () => {
    const limits = { ...DEFAULT_COMMAND_LIMITS, commandBytesMax: 100 };
    const wire = (length: number) => `*2\r\n$3\r\nSET\r\n$${length}\r\n${'x'.repeat(length)}\r\n`;
    expect(everyWay(wire(70), limits).commands).toEqual([['SET', 'x'.repeat(70)]]);
    expect(everyWay(wire(99), limits).error).toBe('Protocol error: too big command');
    expect(everyWay(wire(30).repeat(10), limits).commands).toHaveLength(10);
  });
});

describe('memory', () => {
  it('is not spent on what is only announced', () => {
    const decoder = new CommandDecoder();
    decoder.push(latin1('*2147483647\r\n$536870912\r\nabc'));
    expect(decoder.next()).toBe(false);
    expect(decoder.buffered).toBe(28);
    expect(decoder.starts.length).toBeLessThan(100);
    const internals = decoder as unknown as { feed: { bytes: Uint8Array } };
    expect(internals.feed.bytes.length).toBeLessThanOrEqual(16384);
  });

  it('counts what waits', () => {
    const decoder = new CommandDecoder();
    expect(decoder.buffered).toBe(0);
    decoder.push(latin1('PING\r\n*1\r\n$4\r\nPI'));
    expect(decoder.next()).toBe(true);
    expect(decoder.buffered).toBe(10);
    expect(decoder.next()).toBe(false);
    expect(decoder.buffered).toBe(10);
    decoder.push(latin1('NG\r\n'));
    expect(decoder.next()).toBe(true);
    expect(decoder.buffered).toBe(0);
  });

  it('takes a chunk before the last one has been read', () => {
    const decoder = new CommandDecoder();
    decoder.push(latin1('a\r\nb\r\n'));
    expect(decoder.next()).toBe(true);
    decoder.push(latin1('c\r\n*1\r\n$1'));
    decoder.push(latin1('\r\nd\r\n'));
    const rest: number[] = [];
    while (decoder.next()) rest.push(decoder.buffer[decoder.starts[0]]);
    expect(String.fromCharCode(...rest)).toBe('bcd');
  });
});

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });

describe('properties', () => {
  it('what is encoded is decoded, however it is cut', () => {
    const argument = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.uint8Array({ minLength: 500, maxLength: 700 }),
    );
    const batch = fc.array(fc.array(argument, { minLength: 1, maxLength: 8 }), { maxLength: 8 });
    fc.assert(
      fc.property(batch, sizes, (given, cuts) => {
        const result = decodeCommands(cut(encodeCommands(given), cuts));
        expect(result.error).toBe('');
        expect(result.commands.map((args) => args.map(latin1))).toEqual(given);
      }),
    );
  });

  it('any bytes give commands or a ProtocolError, and the same ones however they are cut', () => {
    const fragments = ['*', '$', '1', '2', '0', '-', '\r', '\n', '\r\n', 'a', ' ', '"', "'", '\\']
      .concat(['*1\r\n', '*2\r\n$1\r\nx\r\n', '$3\r\nabc\r\n', '\0', '\\x4', '\xff', '*0\r\n'])
      .map((text) => fc.constant(text));
    const text = fc.array(fc.oneof(...fragments), { maxLength: 40 }).map((all) => all.join(''));
    const limits = { ...DEFAULT_COMMAND_LIMITS, inlineBytesMax: 12, bulkBytesMax: 20 };
    fc.assert(
      fc.property(text, sizes, (input, cuts) => {
        const whole = decodeCommands([latin1(input)], limits);
        expect(decodeCommands(cut(latin1(input), cuts), limits)).toEqual(whole);
        expect(decodeCommands(cut(latin1(input), [1]), limits)).toEqual(whole);
      }),
      { numRuns: 2000 },
    );
  });
});
