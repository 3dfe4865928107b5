import { encodeCommands } from '@slotmesh/resp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PrimaryStream } from '../src/index.ts';
import { argumentWords, bytes } from './support/bytes.ts';

const COMMANDS = [
  ['SELECT', '1'],
  ['SET', 'multi', 'exec'],
  ['multi'],
  ['SET', 'a', 'x'.repeat(60)],
  ['MULTI1'],
  ['EXEC'],
  ['PING'],
  ['MULTI'],
  ['discard'],
  ['EXECUTE'],
];
const STREAM = encodeCommands(COMMANDS);
/** Where a link may begin again: after each command, but for those from a MULTI to before its end. */
const ENDS = COMMANDS.map((_, i) => encodeCommands(COMMANDS.slice(0, i + 1)).length);
const MAY_STOP = ENDS.filter((_, i) => ![2, 3, 4, 7].includes(i));

describe('PrimaryStream', () => {
  it('counts whole commands, and transactions as one, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1 }), (sizes) => {
        const stream = new PrimaryStream();
        const words: string[][] = [];
        let applied = 0;
        let at = 0;
        for (let i = 0; at < STREAM.length; i++) {
          const end = Math.min(STREAM.length, at + sizes[i % sizes.length]);
          stream.push(STREAM.slice(at, end));
          at = end;
          while (stream.next()) words.push(argumentWords(stream.args));
          applied += stream.takeApplied();
          expect(applied).toBe(Math.max(0, ...MAY_STOP.filter((stop) => stop <= at)));
        }
        expect(words).toEqual(COMMANDS);
      }),
    );
  });

  it('asked after each command it says the same', () => {
    const stream = new PrimaryStream();
    stream.push(STREAM);
    let applied = 0;
    for (let i = 0; stream.next(); i++) {
      applied += stream.takeApplied();
      expect(applied).toBe(Math.max(0, ...MAY_STOP.filter((stop) => stop <= ENDS[i])));
    }
  });

  it('leaves out the command at hand where it was not executed, and the transaction that it stands in', () => {
    const stream = new PrimaryStream();
    stream.push(STREAM);
    for (let i = 0; i < 4; i++) expect(stream.next()).toBe(true);
    expect(stream.takeApplied(false)).toBe(ENDS[1]);
    for (let i = 4; i < 7; i++) expect(stream.next()).toBe(true);
    expect(stream.takeApplied(false)).toBe(ENDS[5] - ENDS[1]);
  });

  it('empty lines count, and what is no command is an error', () => {
    const stream = new PrimaryStream();
    stream.push(bytes('\n\r\n'));
    expect(stream.next()).toBe(false);
    expect(stream.takeApplied()).toBe(3);
    stream.push(bytes('*1\r\n:1\r\n'));
    expect(() => stream.next()).toThrow("expected '$', got ':'");
  });
});
