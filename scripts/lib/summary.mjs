// The last line of a test run: `N passed, N failed, N skipped`.

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/**
 * What a run looks like to us; vitest's own objects fit.
 *
 * @typedef {object} Suite
 * @property {() => readonly unknown[]} errors what went wrong outside of its tests: hooks, or the file's loading
 *
 * @typedef {object} TestFile
 * @property {() => readonly unknown[]} errors
 * @property {{
 *   allTests: () => Iterable<{ result: () => { state: string } }>,
 *   allSuites: () => Iterable<Suite>,
 * }} children
 */

/**
 * Counts the tests of a run. Everything that went wrong counts as failed: a file that does not load and a hook that
 * throws each like one test, and so does a test that was begun or planned but has no result.
 *
 * @param {Iterable<TestFile>} files
 * @param {readonly unknown[]} unhandledErrors
 * @returns {Counts}
 */
export function countTests(files, unhandledErrors) {
  const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
  for (const file of files) {
    counts.failed += file.errors().length;
    for (const suite of file.children.allSuites()) counts.failed += suite.errors().length;
    for (const test of file.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') counts.passed++;
      else if (state === 'skipped') counts.skipped++;
      else counts.failed++;
    }
  }
  return counts;
}

/**
 * The counts of a run whose process has ended: `recorded` is what our reporter left, null where it left nothing. A run
 * that broke off, or ended with an error although nothing is known to have failed, has failed.
 *
 * @param {{ counts: Counts, finished: boolean } | null} recorded
 * @param {number} exitCode
 * @returns {Counts}
 */
export function concludeRun(recorded, exitCode) {
  const counts = recorded?.counts ?? { passed: 0, failed: 0, skipped: 0 };
  const brokeOff = recorded === null || !recorded.finished;
  const unexplained = exitCode !== 0 && counts.failed === 0;
  return brokeOff || unexplained ? { ...counts, failed: counts.failed + 1 } : counts;
}

/** @param {Counts} counts */
export function formatCounts(counts) {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}
