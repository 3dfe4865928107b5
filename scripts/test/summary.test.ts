import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { concludeRun, countTests, formatCounts } from '../lib/summary.mjs';
import { temporaryDirectory } from '../testing/ports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function makeFile(states: readonly string[], errors: unknown[] = [], suiteErrors: unknown[] = []) {
  return {
    errors: () => errors,
    children: {
      allTests: () => states.map((state) => ({ result: () => ({ state }) })),
      allSuites: () => [{ errors: () => suiteErrors }],
    },
  };
}

describe('countTests', () => {
  it('adds up the tests of all files', () => {
    const files = [makeFile(['passed', 'failed', 'skipped']), makeFile(['passed'])];
    expect(countTests(files, [])).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });

  it('counts as failed what went wrong outside of tests, and tests without a result', () => {
    expect(countTests([makeFile([], ['does not load'])], []).failed).toBe(1);
    expect(countTests([makeFile(['passed'], [], ['hook'])], []).failed).toBe(1);
    expect(countTests([makeFile(['pending'])], []).failed).toBe(1);
    expect(countTests([], ['unhandled']).failed).toBe(1);
  });
});

describe('concludeRun', () => {
  const counts = { passed: 3, failed: 0, skipped: 1 };

  it('takes the counts of a run that finished', () => {
    expect(concludeRun({ counts, finished: true }, 0)).toEqual(counts);
    const failed = { ...counts, failed: 2 };
    expect(concludeRun({ counts: failed, finished: true }, 1)).toEqual(failed);
  });

  it('never lets a run pass that broke off or ended with an error', () => {
    expect(concludeRun(null, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(concludeRun(null, 0).failed).toBe(1);
    expect(concludeRun({ counts, finished: false }, 137)).toEqual({ ...counts, failed: 1 });
    expect(concludeRun({ counts, finished: true }, 1)).toEqual({ ...counts, failed: 1 });
  });

  it('words them', () => {
    expect(formatCounts(counts)).toBe('3 passed, 0 failed, 1 skipped');
  });
});

/** What a run that broke off has left. */
function endGroup(group: number | undefined): void {
  try {
    process.kill(-(group as number), 'SIGKILL');
  } catch {
    // Nothing.
  }
}

describe('the reporter in a real run of vitest', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());

  /** Runs vitest over the given test files and concludes as `npm test` does. */
  async function runVitest(
    name: string,
    files: Record<string, string>,
    env: NodeJS.ProcessEnv = {},
  ): Promise<string> {
    const project = join(directory.path, name);
    mkdirSync(project);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(project, file), text);
    const summary = join(project, 'summary.json');
    const child = spawn(
      process.execPath,
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        ...['run', '--root', project, '--globals', '--maxWorkers=1'],
        `--reporter=${join(root, 'scripts/lib/summary-reporter.mjs')}`,
      ],
      {
        stdio: 'ignore',
        detached: true,
        env: { ...process.env, SLOTMESH_TEST_SUMMARY: summary, ...env },
      },
    );
    const [code] = await once(child, 'exit');
    endGroup(child.pid);
    let recorded = null;
    try {
      recorded = JSON.parse(readFileSync(summary, 'utf8'));
    } catch {
      // The run left nothing.
    }
    return formatCounts(concludeRun(recorded, code));
  }

  it('counts passes, failures, skips, broken hooks and broken files', async () => {
    const line = await runVitest('all-kinds', {
      'a.test.ts': `
        it('passes', () => {});
        it('fails', () => { throw new Error('x'); });
        it.skip('is skipped', () => {});
        it.todo('is to be written');
      `,
      'hook.test.ts': `
        describe('with a hook', () => {
          beforeAll(() => { throw new Error('x'); });
          it('never runs', () => {});
        });
      `,
      'load.test.ts': "import './missing.ts';",
      'syntax.test.ts': 'it(',
    });
    expect(line).toBe('1 passed, 4 failed, 3 skipped');
  });

  it('counts a worker that crashes', async () => {
    const line = await runVitest('crash', {
      'a.test.ts': "it('crashes', () => { process.kill(process.pid, 'SIGKILL'); });",
    });
    expect(line).toMatch(/^0 passed, [1-9]\d* failed, 0 skipped$/);
  });

  it('ends a run in which a test never does', async () => {
    const files = { 'a.test.ts': "it('goes on for ever', () => { for (;;); });" };
    const line = await runVitest('endless', files, { SLOTMESH_TEST_SILENCE_S: '3' });
    expect(line).toBe('0 passed, 1 failed, 0 skipped');
  });

  it('counts an error that no test waits for', async () => {
    const line = await runVitest('unhandled', {
      'a.test.ts': "it('passes', () => { Promise.reject(new Error('x')); });",
    });
    expect(line).toBe('1 passed, 1 failed, 0 skipped');
  });

  it('does not let a run pass that found no test', async () => {
    expect(await runVitest('empty', {})).toBe('0 passed, 1 failed, 0 skipped');
  });

  it('skips tests that need a redis-server which is missing, and fails them on a build server', async () => {
    const helper = join(root, 'scripts/testing/real-redis.ts');
    const files = {
      'a.test.ts': `
        import { describeWithRedis } from '${helper}';
        describeWithRedis('replies', () => {
          it('one', () => {});
          it('two', () => {});
        });
        it('needs nothing', () => {});
      `,
    };
    const nowhere = { PATH: directory.path };
    expect(await runVitest('missing', files, { ...nowhere, CI: '' })).toBe(
      '1 passed, 0 failed, 2 skipped',
    );
    expect(await runVitest('missing-ci', files, { ...nowhere, CI: 'true' })).toBe(
      '1 passed, 1 failed, 0 skipped',
    );
  });
});
