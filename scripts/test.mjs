// npm test [-- arguments of vitest]: installs, builds, runs the tests, and ends with the line
// `N passed, N failed, N skipped`. Whatever keeps the tests from running counts as one that failed.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, launch, root, run } from './lib/run.mjs';
import { concludeRun, formatCounts } from './lib/summary.mjs';
import { installAndBuild } from './lib/workspace.mjs';

await launch(async () => {
  const counts = await runTests(process.argv.slice(2));
  console.log(formatCounts(counts));
  return counts.failed === 0 ? 0 : 1;
});

/** @param {readonly string[]} args */
async function runTests(args) {
  const directory = mkdtempSync(join(tmpdir(), 'slotmesh-test-'));
  const file = join(directory, 'summary.json');
  try {
    const env = { ...(await installAndBuild()), SLOTMESH_TEST_SUMMARY: file };
    const reporters = ['--reporter=default', '--reporter=./scripts/lib/summary-reporter.mjs'];
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const outcome = await run(process.execPath, [vitest, 'run', ...reporters, ...args], { env });
    const counts = concludeRun(readSummary(file), outcome.code);
    if (!outcome.leftBehind) return counts;
    console.error('slotmesh: the tests left processes behind; they have been ended');
    return { ...counts, failed: counts.failed + 1 };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.message !== '') console.error(`slotmesh: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @param {string} file */
function readSummary(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
