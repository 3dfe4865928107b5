// The program as it is started: what it prints, and its exit codes. It must have been built.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const MB = 1 << 20;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'slotmesh-simulate-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function simulate(
  line: string,
  env: Record<string, string> = {},
): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...line.split(' ')], {
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: directory, ...env },
    maxBuffer: 256 * MB,
  });
  return { code: status, stdout, stderr };
}

/** Short runs. */
const SHORT = '--nodes 4 --faulty-ms 3000';

describe('npm run simulate', () => {
  it('prints one line an event, in fixed columns, and what came of the run', () => {
    const { code, stdout } = simulate(`--seed 5 ${SHORT} --faults crash,partition`);
    expect(code).toBe(0);
    const [log, rest] = stdout.split('\n\n');
    const lines = log.split('\n');
    expect(lines.length).toBeGreaterThan(100);
    for (const line of lines) expect(line).toMatch(/^ {0,8}\d+\.\d{3} {2}(n\d|-) {4,5}\S/);
    expect(rest).toMatch(/^seed 5: 4 nodes/);
    expect(rest).toMatch(/^faults: partition crash;/m);
    expect(rest).toMatch(/^hash [0-9a-f]{16}$/m);
  });

  it('leaves messages out of a brief log, and everything of a quiet one', () => {
    const brief = simulate(`--seed 5 ${SHORT} --brief`).stdout;
    expect(brief).toContain('~ phase');
    expect(brief).not.toMatch(/(<-|->) p[io]ng/);
    const quiet = simulate(`--seed 5 ${SHORT} --quiet`).stdout;
    expect(quiet.startsWith('\nseed 5:')).toBe(true);
  });

  it('writes a trace, and replays it without the seed', () => {
    const written = simulate(`--seed 6 ${SHORT} --quiet --trace run.trace`);
    expect(written.code).toBe(0);
    const hash = /hash (\w+)/.exec(written.stdout)?.[1];
    const replayed = simulate('--replay run.trace --brief');
    expect(replayed).toMatchObject({ code: 0, stderr: '' });
    expect(replayed.stdout).toContain(`hash ${hash}, as recorded`);
    expect(replayed.stdout).toContain('~ phase');
  });

  it('refuses traces that it cannot read', () => {
    simulate(`--seed 6 ${SHORT} --quiet --trace run.trace`);
    const bytes = readFileSync(join(directory, 'run.trace'));
    const refused = (name: string, content: Uint8Array): string => {
      writeFileSync(join(directory, name), content);
      const { code, stdout, stderr } = simulate(`--replay ${name} --quiet`);
      expect(code).toBe(2);
      expect(stdout).toBe('');
      return stderr.trim();
    };
    const newer = Uint8Array.from(bytes);
    newer[16] = 99;
    expect(refused('newer', newer)).toBe(
      'slotmesh: newer: the trace has format 99; this version reads format 1',
    );
    expect(refused('cut', bytes.subarray(0, 5000))).toBe(
      'slotmesh: cut: the trace ends before its end',
    );
    expect(refused('text', Buffer.from('hello'))).toBe(
      'slotmesh: text: the file is no slotmesh trace',
    );
    expect(simulate('--replay nowhere').stderr).toContain('cannot read nowhere: ENOENT');
  });

  it('finds the same on one thread and on three', () => {
    const results = [1, 3].map((jobs) => simulate(`--seeds 12 ${SHORT} --jobs ${jobs}`));
    const [one, three] = results.map(({ stdout }) => stdout.replace(/^[\d.]+ s on .*$/m, ''));
    expect(one).toMatch(/^12 seeds, \d+\.\d simulated hours, [\d,]+ events/m);
    expect(three).toBe(one);
    expect(results[0].code).toBe(0);
    expect(results[0].stdout).toContain('nothing was found');
  });

  it('writes the same page of lost writes on one thread and on three', () => {
    const [one, three] = [1, 3].map((jobs) => {
      const line = `--lost-writes page-${jobs}.md --seeds 2 --faulty-ms 5000 --jobs ${jobs}`;
      const { code, stdout } = simulate(line);
      const page = readFileSync(join(directory, `page-${jobs}.md`), 'utf8');
      expect(page).toContain(stdout);
      return { code, page };
    });
    expect(one.code).toBe(0);
    expect(three.page).toBe(one.page);
    const rows = one.page.split('\n').filter((line) => /^\| (on|off) /.test(line));
    expect(rows.map((row) => row.split(' | ').slice(0, 2).join())).toEqual([
      ...['| on,on', '| on,off', '| off,on', '| off,off'],
    ]);
    for (const row of rows) expect(row).toMatch(/^\| o\w+ \| o\w+ \| [1-9][\d,]* \| \d/);
    expect(one.page).toContain('Seeds 1 to 2;');
  });

  describe('a run that fails', () => {
    // As the launcher hands over a mutant's options. A fault that does not exist stops every run.
    const options = { faults: [{ name: 'flood', everyMs: 1000, options: {} }] };
    const env = { SLOTMESH_MUTANT: JSON.stringify({ name: 'floods', options }) };

    it('is told with the rule, the last events, and the command that shows it', () => {
      const { code, stdout } = simulate('--seed 5 --nodes 4 --quiet', env);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^seed 5 FAILED: error at \d+\.\d{3} s \(faulty\), event \d+$/m);
      expect(stdout).toContain("  there is no fault 'flood'");
      expect(stdout).toMatch(/the last events:\n {2,}\d+\.\d{3} {2}\S/);
      expect(stdout).toContain('\n  npm run simulate -- --seed 5 --mutant floods --nodes 4\n');
    });

    it('is the first of a search, on however many threads, and can be made smaller', () => {
      const line = '--from 7 --until-failure --nodes 4 --mutant floods --trace found.trace';
      const [one, two] = [1, 2].map((jobs) => simulate(`${line} --jobs ${jobs}`, env));
      expect(one.code).toBe(1);
      expect(one.stdout).toContain("seed 7: error: there is no fault 'flood'");
      expect(two.stdout.replace(/^[\d.]+ s on .*$/m, '')).toBe(
        one.stdout.replace(/^[\d.]+ s on .*$/m, ''),
      );
      expect(simulate('--replay found.trace --quiet').code).toBe(0);
      const { code, stdout } = simulate(`${line} --shrink`, env);
      expect(code).toBe(1);
      expect(stdout).toMatch(/ nodes +4 -> +1\n/);
      expect(stdout).toMatch(/--seed 7 --mutant floods --nodes 1 /);
    });
  });

  it.each([
    ['--sede 1', "unknown option '--sede'"],
    ['--faults flood', "there is no fault 'flood'; there are"],
    ['--operators dance', "there is no operator's action 'dance'; there are"],
    ['--seed 1 --nodes 3 --voters 4', 'voters must be a whole number from 1 to 3, not 4'],
    ['--seed 1 --mutant x', '--mutant'],
    ['--lost-writes /nowhere/page.md', 'cannot write /nowhere/page.md: ENOENT'],
    ['--seed 1 --trace /nowhere/at/all', 'cannot write /nowhere/at/all: ENOENT'],
  ])('%s is refused with one line', (line, message) => {
    const { code, stdout, stderr } = simulate(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith('slotmesh: ')).toBe(true);
    expect(stderr.trim().split('\n').length).toBe(1);
    expect(stderr).toContain(message);
  });

  it('tells what there is', () => {
    const { code, stdout } = simulate('--help');
    expect(code).toBe(0);
    for (const word of ['--until-failure', 'partition', 'bumpepoch', 'writes', 'A1']) {
      expect(stdout).toContain(word);
    }
  });
});
