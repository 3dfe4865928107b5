import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteArgument, splitArguments } from '../../src/config/arguments.ts';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { Config } from '../../src/config/config.ts';
import { loadConfigText } from '../../src/config/load.ts';

describe('splitArguments', () => {
  it.each([
    ['a b  c', ['a', 'b', 'c']],
    ['  a\t b ', ['a', 'b']],
    ['', []],
    ['""', ['']],
    ["a '' b", ['a', '', 'b']],
    ['"a b" \'c d\'', ['a b', 'c d']],
    ['a"b c"', ['ab c']],
    ["it's'", ['its']],
    ['"\\x41\\n\\t\\"\\\\\\q"', ['A\n\t"\\q']],
    ["'\\n\\''", ["\\n'"]],
    ['"\\xc3\\xa4" ä 𝄞', ['ä', 'ä', '𝄞']],
    ['"\\xzz"', ['xzz']],
  ])('%s', (line, args) => {
    expect(splitArguments(line)).toEqual(args);
  });

  it.each(['"a', "'a", '"a"b', "'a'b", '"a\\', 'a "b'])('refuses %s', (line) => {
    expect(splitArguments(line)).toBeNull();
  });

  it('gives back whatever was quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (args) => {
        expect(splitArguments(args.map(quoteArgument).join(' '))).toEqual(args);
      }),
    );
  });
});

describe('the command line', () => {
  const start = (...args: string[]) => {
    const parsed = parseCommandLine(args, '/here');
    return parsed.kind === 'start'
      ? [parsed.configFile, parsed.options, parsed.readsStdin]
      : parsed;
  };
  it.each([
    [[], ['', '', false]],
    [['x.conf'], ['/here/x.conf', '', false]],
    [
      ['/etc/x.conf', '--port', '7'],
      ['/etc/x.conf', 'port "7"', false],
    ],
    [
      ['--port', '7', '--bind', 'a', 'b'],
      ['', 'port "7"\nbind "a" "b"', false],
    ],
    [
      ['--port 7', '--hz 5'],
      ['', 'port 7\nhz 5', false],
    ],
    [
      ['--masterauth', '--secret'],
      ['', 'masterauth "--secret"', false],
    ],
    [
      ['--save', '--port', '7'],
      ['', 'save ""\nport "7"', false],
    ],
    [['--save'], ['', 'save ""', false]],
    [
      ['--save', '900', '1'],
      ['', 'save "900" "1"', false],
    ],
    [['-'], ['', '', true]],
    [
      ['x.conf', '--hz', '5', '-'],
      ['/here/x.conf', 'hz "5"', true],
    ],
    [
      ['--requirepass', 'a "b'],
      ['', 'requirepass "a \\"b"', false],
    ],
  ])('%j', (args, expected) => {
    expect(start(...args)).toEqual(expected);
  });
});

describe('names from outside', () => {
  it('are looked up as names and nothing else', () => {
    const config = new Config();
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
      expect(config.set([[name, '1']])).toEqual({ kind: 'unknown', name });
      expect(() => loadConfigText(config, `${name} 1`)).toThrow('Bad directive');
    }
  });
});
