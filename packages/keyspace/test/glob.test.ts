// Patterns: by hand, against a plain recursive matcher, and against the real server's KEYS.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeWithRedis, runRedisCli, startRedis } from '../../../scripts/testing/real-redis.ts';
import { GlobPattern, PATTERN_BYTES_MAX } from '../src/index.ts';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

function matches(pattern: string, text: string, ignoreCase = false): boolean {
  const bytes = bytesOf(pattern);
  return new GlobPattern(bytes, 0, bytes.length, { ignoreCase }).matches(bytesOf(text));
}

test('by hand', () => {
  for (const [pattern, text] of [
    ['*', ''],
    ['*', 'anything'],
    ['h?llo', 'hello'],
    ['h*llo', 'hllo'],
    ['h*llo', 'heeeello'],
    ['h[ae]llo', 'hallo'],
    ['h[^e]llo', 'hallo'],
    ['h[a-c]llo', 'hbllo'],
    ['h[c-a]llo', 'hbllo'],
    ['\\*', '*'],
    ['[\\]]', ']'],
    ['[a-]', '-'],
    ['*a*b*', 'xaxxbx'],
    ['**', 'a'],
    ['a\\', 'a\\'],
    ['[abc', 'b'],
    ['', ''],
  ]) {
    expect(matches(pattern, text), `${pattern} ~ ${text}`).toBe(pattern !== '[a-]');
  }
  for (const [pattern, text] of [
    ['h?llo', 'hllo'],
    ['h[^e]llo', 'hello'],
    ['\\*', 'a'],
    ['a', ''],
    ['', 'a'],
    ['**', ''],
    ['[', 'a'],
    ['*a', 'ab'],
    ['H', 'h'],
  ]) {
    expect(matches(pattern, text), `${pattern} !~ ${text}`).toBe(false);
  }
  expect(matches('H[A-C]*', 'hbX', true)).toBe(true);
  expect(matches('h', 'H', true)).toBe(true);
});

test('against a recursive matcher, for patterns of stars, any-bytes and letters', () => {
  const plain = (pattern: string, text: string): boolean => {
    if (pattern === '') return text === '';
    if (pattern[0] === '*') {
      return plain(pattern.slice(1), text) || (text !== '' && plain(pattern, text.slice(1)));
    }
    return (
      text !== '' &&
      (pattern[0] === '?' || pattern[0] === text[0]) &&
      plain(pattern.slice(1), text.slice(1))
    );
  };
  const over = (letters: string, maxLength: number): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom(...letters), { maxLength }).map((list) => list.join(''));
  fc.assert(
    fc.property(over('ab*?', 8), over('ab', 10), (pattern, text) => {
      if (text !== '') expect(matches(pattern, text)).toBe(plain(pattern, text));
    }),
    { numRuns: 5000 },
  );
});

test('the worst pattern costs a product, not a power', () => {
  const text = bytesOf('a'.repeat(10_000));
  const stars = bytesOf(`${'*a'.repeat(5_000)}b`);
  expect(new GlobPattern(stars).matches(text)).toBe(false);
  const deep = bytesOf(`${'a*'.repeat(40)}b`);
  expect(new GlobPattern(deep).matches(text)).toBe(false);
  const long = bytesOf(`*${'a'.repeat(5_000)}b`);
  expect(new GlobPattern(long).matches(text)).toBe(false);
});

describeWithRedis('against redis-server', () => {
  describe('KEYS', () => {
    test('finds the same keys', async () => {
      const keys = [
        'a',
        'b',
        'ab',
        'ba',
        'abc',
        'a-c',
        'a]c',
        'a^',
        '[a',
        'a\\',
        'A',
        'aB',
        '-',
        ']',
        '^',
      ];
      const server = await startRedis();
      const cli = (input: string): Promise<{ stdout: string }> =>
        runRedisCli(['-p', String(server.port)], { input });
      const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\')}"`;
      await cli(keys.map((key) => `SET ${quoted(key)} 1\n`).join(''));
      const patterns = fc
        .sample(
          fc.array(fc.constantFrom('a', 'b', 'A', '*', '?', '[', ']', '^', '-', '\\', 'a-c'), {
            maxLength: 7,
          }),
          { numRuns: 600, seed: 7 },
        )
        .map((parts) => parts.join(''));
      const replies = (
        await cli(patterns.map((pattern) => `KEYS ${quoted(pattern)}\nECHO ----\n`).join(''))
      ).stdout.split(/----\n/);
      patterns.forEach((pattern, i) => {
        const theirs = replies[i]
          .split('\n')
          .filter((line) => line !== '')
          .sort();
        expect(keys.filter((key) => matches(pattern, key)).sort(), pattern).toEqual(theirs);
      });
      await server.stop();
    });
  });
});

test('a pattern that is too long is refused', () => {
  expect(() => new GlobPattern(new Uint8Array(PATTERN_BYTES_MAX))).not.toThrow();
  expect(() => new GlobPattern(new Uint8Array(PATTERN_BYTES_MAX + 1))).toThrow(
    expect.objectContaining({ code: 'PATTERN_TOO_LONG' }),
  );
});

test('each byte of a set, in any case', () => {
  for (let byte = 0; byte < 256; byte++) {
    const text = String.fromCharCode(byte);
    expect(matches('[\x80-\xff]', text)).toBe(byte >= 0x80);
    expect(matches('[^\x80-\xff]', text)).toBe(byte < 0x80);
    expect(matches('[K-m]', text, true), text).toBe(/^[k-m]$/i.test(text));
    expect(matches('[K-k]', text, true), text).toBe(/^k$/i.test(text));
    expect(matches('[\\K]', text, true), text).toBe(text === 'K');
  }
});
