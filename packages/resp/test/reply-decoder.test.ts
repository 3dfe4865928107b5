import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_REPLY_LIMITS,
  ProtocolError,
  Push,
  type Reply,
  ReplyDecoder,
  type ReplyDecoderOptions,
  ReplyError,
  VerbatimText,
} from '../src/index.ts';
import { cut, decodeReplies, latin1 } from './support.ts';

const SIZES = [[1], [2], [3], [4], [5], [7], [11], [64], [513], [1, 30], [16384]];

/** Decodes whole and cut in every way; all must agree. */
function everyWay(text: string, options?: ReplyDecoderOptions) {
  const bytes = latin1(text);
  const whole = decodeReplies([bytes.slice()], options);
  for (const sizes of SIZES) {
    expect(decodeReplies(cut(bytes, sizes), options), `cut by ${sizes}`).toEqual(whole);
  }
  return whole;
}

function replies(text: string, options: ReplyDecoderOptions = { strings: true }): Reply[] {
  const result = everyWay(text, options);
  expect(result.error).toBe('');
  return result.replies;
}

describe('values', () => {
  const cases: readonly [string, Reply][] = [
    ['+OK\r\n', 'OK'],
    ['+\r\n', ''],
    ['+a longer status line than the others\r\n', 'a longer status line than the others'],
    ['-ERR no\r\n', new ReplyError('ERR no')],
    ['!6\r\nERR\r\nx\r\n', new ReplyError('ERR\r\nx')],
    [':0\r\n', 0],
    [':-1\r\n', -1],
    [':+5\r\n', 5],
    [':123456789012345\r\n', 123456789012345],
    [':9007199254740991\r\n', 9007199254740991],
    [':9007199254740992\r\n', 9007199254740992n],
    [':-9223372036854775808\r\n', -9223372036854775808n],
    ['$-1\r\n', null],
    ['*-1\r\n', null],
    ['_\r\n', null],
    ['$0\r\n\r\n', ''],
    ['$5\r\nhello\r\n', 'hello'],
    ['$4\r\n\r\n\r\n\r\n', '\r\n\r\n'],
    ['$3\r\n\xef\xbb\xbf\r\n', '\ufeff'],
    ['$2\r\n\xc3\xa9\r\n', 'é'],
    ['$1\r\n\xff\r\n', '\ufffd'],
    ['#t\r\n', true],
    ['#f\r\n', false],
    [',3.25\r\n', 3.25],
    [',-0.1\r\n', -0.1],
    [',0.10000000000000001\r\n', 0.1],
    [',1e-7\r\n', 1e-7],
    [',10\r\n', 10],
    [',.5\r\n', 0.5],
    [',-5.\r\n', -5],
    [',123456789.12345678\r\n', 123456789.12345678],
    [',0.123456789012345\r\n', 0.123456789012345],
    [':12345678901234\r\n', 12345678901234],
    [':-2147483649\r\n', -2147483649],
    [',inf\r\n', Number.POSITIVE_INFINITY],
    [',-inf\r\n', Number.NEGATIVE_INFINITY],
    [',nan\r\n', Number.NaN],
    [
      '(3492890328409238509324850943850943825024385\r\n',
      3492890328409238509324850943850943825024385n,
    ],
    ['(-1\r\n', -1n],
    ['=8\r\nmkd:# Hi\r\n', new VerbatimText('mkd', '# Hi')],
    ['=4\r\ntxt:\r\n', new VerbatimText('txt', '')],
    ['*0\r\n', []],
    ['*3\r\n:1\r\n$-1\r\n-ERR x\r\n', [1, null, new ReplyError('ERR x')]],
    ['*2\r\n*2\r\n:1\r\n*0\r\n*1\r\n*-1\r\n', [[1, []], [null]]],
    ['%0\r\n', new Map()],
    [
      '%2\r\n+a\r\n:1\r\n$1\r\nb\r\n*1\r\n:2\r\n',
      new Map<Reply, Reply>([
        ['a', 1],
        ['b', [2]],
      ]),
    ],
    ['~3\r\n:1\r\n:2\r\n:1\r\n', new Set<Reply>([1, 2])],
    ['>2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n', new Push(['invalidate', ['k']])],
    ['$?\r\n;4\r\nHell\r\n;1\r\no\r\n;0\r\n', 'Hello'],
    ['$?\r\n;0\r\n', ''],
    ['*?\r\n:1\r\n*?\r\n.\r\n$?\r\n;1\r\nx\r\n;0\r\n.\r\n', [1, [], 'x']],
    ['%?\r\n+a\r\n:1\r\n.\r\n', new Map([['a', 1]])],
    ['~?\r\n+a\r\n.\r\n', new Set(['a'])],
  ];
  it.each(cases)('%j', (wire, value) => {
    expect(replies(wire)).toEqual([value]);
    expect(replies(`:1\r\n${wire}${wire}+x\r\n`)).toEqual([1, value, value, 'x']);
    expect(replies(`*3\r\n:1\r\n$1\r\ny\r\n*2\r\n:2\r\n:3\r\n`)).toEqual([[1, 'y', [2, 3]]]);
  });

  it('are bytes where strings are not asked for', () => {
    expect(replies('$3\r\n\0\xff\n\r\n+OK\r\n', {})).toEqual([Uint8Array.of(0, 255, 10), 'OK']);
    expect(replies('$?\r\n;2\r\nab\r\n;0\r\n', {})).toEqual([latin1('ab')]);
    expect(replies('%1\r\n$1\r\nk\r\n$1\r\nv\r\n', {})).toEqual([
      new Map([[latin1('k'), latin1('v')]]),
    ]);
  });

  it('are plain bytes, whatever the chunk is', () => {
    const decoder = new ReplyDecoder();
    decoder.push(Buffer.from('*2\r\n$1\r\na\r\n$1\r\nb\r\n$3\r\nabc'));
    const [first] = decoder.next() as Uint8Array[];
    expect(Object.getPrototypeOf(first)).toBe(Uint8Array.prototype);
    expect(decoder.next()).toBeUndefined();
    decoder.push(Buffer.from('\r\n'));
    expect(Object.getPrototypeOf(decoder.next())).toBe(Uint8Array.prototype);
  });

  it('stay as they are when later ones are read', () => {
    const text = Array.from(
      { length: 200 },
      (_, i) =>
        `$${(i % 90) + 1}\r\n${String.fromCharCode(65 + (i % 26)).repeat((i % 90) + 1)}\r\n`,
    ).join('');
    const { replies: values } = decodeReplies(cut(latin1(text), [50]));
    values.forEach((value, i) => {
      expect(value).toEqual(latin1(String.fromCharCode(65 + (i % 26)).repeat((i % 90) + 1)));
    });
  });

  it('tell their kind', () => {
    const [error, push, bytes] = replies('-MOVED 1 a:1\r\n>1\r\n+x\r\n>1\r\n$3\r\nabc\r\n', {});
    expect((error as ReplyError).code).toBe('MOVED');
    expect((push as Push).kind).toBe('x');
    expect((bytes as Push).kind).toBe('abc');
    expect(new ReplyError('OOPS').code).toBe('OOPS');
    expect(new Push([1]).kind).toBe('');
  });

  it('take a decoder of the caller, for all that is not short and plain', () => {
    const decodeText = (bytes: Uint8Array, start: number, end: number) =>
      `<${end - start}>${bytes[start]}`;
    const wire = `$2\r\n\xff\xff\r\n$1\r\nA\r\n$30\r\n${'B'.repeat(30)}\r\n=5\r\ntxt:C\r\n`;
    expect(decodeReplies([latin1(wire)], { strings: true, decodeText }).replies).toEqual([
      '<2>255',
      'A',
      '<30>66',
      new VerbatimText('<3>116', '<1>67'),
    ]);
  });
});

describe('attributes', () => {
  it('belong to the reply after them', () => {
    const result = everyWay(':1\r\n|1\r\n+ttl\r\n:3600\r\n$1\r\nx\r\n:2\r\n', { strings: true });
    expect(result.replies).toEqual([1, 'x', 2]);
    expect(result.attributes).toEqual([undefined, new Map([['ttl', 3600]]), undefined]);
  });

  it('inside a reply are read and left out', () => {
    const result = everyWay('*2\r\n|1\r\n+a\r\n:1\r\n:5\r\n|0\r\n:6\r\n:7\r\n', { strings: true });
    expect(result.replies).toEqual([[5, 6], 7]);
    expect(result.attributes).toEqual([undefined, undefined]);
  });
});

describe('what is no RESP', () => {
  const cases: readonly [string, string][] = [
    ['x\r\n', "unknown reply type 'x'"],
    ['\r\n', 'unknown reply type byte 13'],
    ['+a\n', 'a line ends without CR'],
    ['+a\rb\r\n', 'a CR inside a line'],
    [':\r\n', 'not an integer'],
    [':1x\r\n', 'not an integer'],
    [':+-1\r\n', 'not an integer'],
    [':9223372036854775808\r\n', 'not an integer'],
    [',\r\n', 'not a double'],
    [',1.2.3\r\n', 'not a double'],
    [',.\r\n', 'not a double'],
    ['(1.5\r\n', 'not a big number'],
    ['(-\r\n', 'not a big number'],
    ['#x\r\n', "invalid reply of type '#'"],
    ['#tt\r\n', "invalid reply of type '#'"],
    ['_x\r\n', "invalid reply of type '_'"],
    ['.x\r\n', "invalid reply of type '.'"],
    ['$x\r\n', "invalid length after '$'"],
    ['$-2\r\n', "invalid length after '$'"],
    ['$\r\n', "invalid length after '$'"],
    ['%-1\r\n', "invalid length after '%'"],
    ['!-1\r\n', "invalid length after '!'"],
    ['=?\r\n', "invalid length after '='"],
    ['$3\r\nabcd\r\n', 'a string does not end where its length says'],
    ['=3\r\nabc\r\n', 'a verbatim text without its format'],
    ['=5\r\nabcde\r\n', 'a verbatim text without its format'],
    ['.\r\n', 'an end mark without a streamed aggregate'],
    ['*1\r\n.\r\n', 'an end mark without a streamed aggregate'],
    ['%?\r\n+a\r\n.\r\n', 'a key without a value'],
    [';1\r\na\r\n', 'a part of a string that was not begun'],
    ['$?\r\n+a\r\n', 'a streamed string is broken off'],
    ['$?\r\n;?\r\n', 'invalid length of a part of a string'],
    ['*1\r\n>1\r\n+a\r\n', 'a push inside a reply'],
    ['$536870913\r\n', 'a length of 536870913 is too much'],
    ['*4294967296\r\n', 'a length of 4294967296 is too much'],
  ];
  it.each(cases)('%j: %s', (wire, error) => {
    const result = everyWay(`+OK\r\n${wire}`);
    expect(result).toMatchObject({ replies: ['OK'], error: `Protocol error: ${error}` });
  });

  it('throws the same error ever after', () => {
    const decoder = new ReplyDecoder();
    decoder.push(latin1('?'));
    decoder.push(latin1('\r\n:1\r\n'));
    const attempt = () => {
      try {
        return decoder.next();
      } catch (error) {
        return error;
      }
    };
    const first = attempt();
    expect(first).toBeInstanceOf(ProtocolError);
    expect((first as ProtocolError).code).toBe('UNKNOWN_TYPE');
    expect(attempt()).toBe(first);
  });
});

describe('limits', () => {
  const limits = { bulkBytesMax: 10, lineBytesMax: 20, elementsMax: 6, depthMax: 3 };
  const error = (text: string) => everyWay(text, { limits }).error;

  it.each([
    ['$10\r\n0123456789\r\n', '$11\r\n', 'a length of 11 is too much'],
    [
      '$?\r\n;5\r\nabcde\r\n;5\r\nabcde\r\n;0\r\n',
      '$?\r\n;5\r\nabcde\r\n;6\r\n',
      'a length of 6 is too much',
    ],
    [`+${'x'.repeat(20)}\r\n`, `+${'x'.repeat(21)}\r\n`, 'a line is too long'],
    [`,1.${'0'.repeat(18)}\r\n`, `,1.${'0'.repeat(19)}\r\n`, 'a line is too long'],
    [`*6\r\n${':1\r\n'.repeat(6)}`, '*7\r\n', 'a length of 7 is too much'],
    [`%3\r\n${':1\r\n'.repeat(6)}`, '%4\r\n', 'a length of 4 is too much'],
    ['*1\r\n*1\r\n*1\r\n:1\r\n', '*1\r\n*1\r\n*1\r\n*1\r\n', 'nested too deep'],
  ])('%j and %j', (good, bad, text) => {
    expect(error(good)).toBe('');
    expect(error(bad)).toBe(`Protocol error: ${text}`);
  });

  it('keep nesting from overflowing anything', () => {
    expect(everyWay(`${'*1\r\n'.repeat(127)}*0\r\n`).error).toBe('');
    expect(everyWay('*1\r\n'.repeat(129)).error).toBe('Protocol error: nested too deep');
    expect(DEFAULT_REPLY_LIMITS.depthMax).toBe(128);
  });

  it('hold for streamed aggregates', () => {
    expect(error(`*?\r\n${':1\r\n'.repeat(6)}.\r\n`)).toBe('');
    expect(error(`*?\r\n${':1\r\n'.repeat(7)}`)).toBe('Protocol error: too many elements');
  });
});

describe('large replies', () => {
  it('in many pieces are read once', () => {
    const many = `*200000\r\n${'$3\r\nabc\r\n'.repeat(200_000)}`;
    const { replies: values } = decodeReplies(cut(latin1(many), [1000]), { strings: true });
    const list = values[0] as string[];
    expect([values.length, list.length, list.every((item) => item === 'abc')]).toEqual([
      1,
      200_000,
      true,
    ]);
    const big = `$3000000\r\n${'x'.repeat(3_000_000)}\r\n`;
    const { replies: bytes } = decodeReplies(cut(latin1(big), [1400]));
    expect(bytes).toHaveLength(1);
    // Vitest's own comparison takes a minute for it.
    expect(Buffer.from('x'.repeat(3_000_000)).equals(bytes[0] as Uint8Array)).toBe(true);
  });

  it('cost no memory by being announced', () => {
    const decoder = new ReplyDecoder();
    decoder.push(latin1('*4294967295\r\n*4294967295\r\n$536870912\r\nx'));
    expect(decoder.next()).toBeUndefined();
    const internals = decoder as unknown as { feed: { bytes: Uint8Array } };
    expect(internals.feed.bytes.length).toBeLessThanOrEqual(16384);
  });
});

/** A reply and its form on the wire, latin1. */
interface Wired {
  readonly wire: string;
  readonly value: Reply;
}

const leaf: fc.Arbitrary<Wired> = fc.oneof(
  fc
    .string({ maxLength: 40 })
    .map((text) => ({ wire: `$${text.length}\r\n${text}\r\n`, value: text })),
  fc
    .string({ minLength: 300, maxLength: 400 })
    .map((text) => ({ wire: `$${text.length}\r\n${text}\r\n`, value: text })),
  fc.string({ unit: 'grapheme', maxLength: 9 }).map((text) => {
    const bytes = [...new TextEncoder().encode(text)].map((b) => String.fromCharCode(b)).join('');
    return { wire: `$${bytes.length}\r\n${bytes}\r\n`, value: text };
  }),
  fc.stringMatching(/^[ -~]{0,30}$/).map((text) => ({ wire: `+${text}\r\n`, value: text })),
  fc
    .stringMatching(/^[ -~]{0,30}$/)
    .map((text) => ({ wire: `-${text}\r\n`, value: new ReplyError(text) })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({
    wire: `:${value}\r\n`,
    value: value >= -(2n ** 53n) + 1n && value <= 2n ** 53n - 1n ? Number(value) : value,
  })),
  fc.integer().map((value) => ({ wire: `:${value}\r\n`, value })),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value) => ({ wire: `,${value}\r\n`, value: Object.is(value, -0) ? 0 : value })),
  fc.constant('x').map((text) => ({
    wire: `=5\r\ntxt:${text}\r\n`,
    value: new VerbatimText('txt', text),
  })),
  fc.constantFrom<Wired>(
    { wire: '$-1\r\n', value: null },
    { wire: '*-1\r\n', value: null },
    { wire: '_\r\n', value: null },
    { wire: '#t\r\n', value: true },
    { wire: '(12345678901234567890\r\n', value: 12345678901234567890n },
    { wire: '$?\r\n;2\r\nab\r\n;1\r\nc\r\n;0\r\n', value: 'abc' },
  ),
);
const tree: fc.Arbitrary<Wired> = fc.letrec<{ node: Wired }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.tuple(fc.array(tie('node'), { maxLength: 6 }), fc.boolean()).map(([all, streamed]) => ({
      wire: `*${streamed ? '?' : all.length}\r\n${all.map(({ wire }) => wire).join('')}${streamed ? '.\r\n' : ''}`,
      value: all.map(({ value }) => value),
    })),
    fc.array(tie('node'), { maxLength: 4 }).map((all) => ({
      wire: `~${all.length}\r\n${all.map(({ wire }) => wire).join('')}`,
      value: new Set(all.map(({ value }) => value)),
    })),
    fc.array(fc.tuple(leaf, tie('node')), { maxLength: 4 }).map((all) => ({
      wire: `%${all.length}\r\n${all.map(([key, item]) => key.wire + item.wire).join('')}`,
      value: new Map(all.map(([key, item]) => [key.value, item.value])),
    })),
  ),
})).node;
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });

describe('properties', () => {
  it('any tree of replies is read, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 5 }), sizes, (all, cuts) => {
        const bytes = latin1(all.map(({ wire }) => wire).join(''));
        const wanted = { replies: all.map(({ value }) => value), error: '' };
        expect(decodeReplies([bytes.slice()], { strings: true })).toMatchObject(wanted);
        expect(decodeReplies(cut(bytes, cuts), { strings: true })).toMatchObject(wanted);
        expect(decodeReplies(cut(bytes, [1]), { strings: true })).toMatchObject(wanted);
      }),
      { numRuns: 300 },
    );
  });

  it('any bytes give replies or a ProtocolError, and the same ones however they are cut', () => {
    const fragment = fc.constantFrom(
      ...['$', '*', ':', '+', '-', '%', '~', '>', '|', '_', '#', ',', '(', '!', '=', ';', '.', '?'],
      ...[
        '0',
        '1',
        '2',
        '-1',
        '\r',
        '\n',
        '\r\n',
        'a',
        '\xff',
        '$1\r\nx\r\n',
        ':1\r\n',
        '*2\r\n',
        '*?\r\n',
      ],
      ...[
        '%1\r\n',
        '>2\r\n',
        '|1\r\n',
        '$?\r\n',
        ';1\r\ny\r\n',
        ';0\r\n',
        '.\r\n',
        '_\r\n',
        '#t\r\n',
      ],
    );
    const text = fc.array(fragment, { maxLength: 30 }).map((all) => all.join(''));
    const limits = { bulkBytesMax: 12, lineBytesMax: 12, elementsMax: 12, depthMax: 4 };
    fc.assert(
      fc.property(text, sizes, fc.boolean(), (input, cuts, strings) => {
        const options = { strings, limits };
        const whole = decodeReplies([latin1(input)], options);
        expect(decodeReplies(cut(latin1(input), cuts), options)).toEqual(whole);
        expect(decodeReplies(cut(latin1(input), [1]), options)).toEqual(whole);
      }),
      { numRuns: 3000 },
    );
  });
});
