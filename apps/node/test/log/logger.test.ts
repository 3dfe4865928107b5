import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Logger, type LogLevel, logWriter, timestamp } from '../../src/log/logger.ts';

describe('Logger', () => {
  it('writes lines in the format of redis-server, from its level on', () => {
    const lines: string[] = [];
    let level: LogLevel = 'notice';
    let role: 'C' | 'M' | 'S' = 'C';
    const log = new Logger({
      write: (line) => lines.push(line),
      level: () => level,
      role: () => role,
      processId: 42,
      now: () => new Date(2026, 10, 5, 6, 7, 8, 9),
    });
    log.notice('one');
    log.verbose('two');
    role = 'S';
    level = 'debug';
    log.debug('three');
    log.verbose('four');
    log.warning('five\r\nand 6:M its forgery');
    expect(lines).toEqual([
      '42:C 05 Nov 2026 06:07:08.009 * one\n',
      '42:S 05 Nov 2026 06:07:08.009 . three\n',
      '42:S 05 Nov 2026 06:07:08.009 - four\n',
      '42:S 05 Nov 2026 06:07:08.009 # five  and 6:M its forgery\n',
    ]);
  });

  it('goes on in a new file when the old one was moved away, and survives a place that is gone', () => {
    const dir = mkdtempSync(join(tmpdir(), 'slotmesh-log-'));
    const path = join(dir, 'node.log');
    const write = logWriter(path);
    write('first\n');
    renameSync(path, `${path}.1`);
    write('second\n');
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('first\n');
    expect(readFileSync(path, 'utf8')).toBe('second\n');
    rmSync(dir, { recursive: true });
    write('nobody reads this\n');
  });

  it('writes every month and all digits', () => {
    const times = Array.from({ length: 12 }, (_, month) =>
      timestamp(new Date(2026, month, 31 - month)),
    );
    for (const time of times) expect(time).toMatch(/^\d\d [A-Z][a-z]{2} 2026 00:00:00\.000$/);
    expect(new Set(times.map((time) => time.slice(3, 6))).size).toBeGreaterThan(10);
  });
});
