// A vitest reporter that keeps the counts of the run in a file, up to date after every test file, so that they are
// known even if the run breaks off. It breaks the run off itself where a test never ends: vitest cannot, if the test
// does not let go of its thread.

import { writeFileSync } from 'node:fs';
import { countTests } from './summary.mjs';

/** No test takes so long, so in a run that says nothing for so long there is one that will not end. */
const SILENCE_S_MAX = Number(process.env.SLOTMESH_TEST_SILENCE_S ?? 1200);

export default class SummaryReporter {
  #output = process.env.SLOTMESH_TEST_SUMMARY;
  /** @type {import('vitest/node').TestModule[]} */
  #files = [];
  /** @type {Set<string>} */
  #running = new Set();
  /** @type {NodeJS.Timeout | undefined} */
  #watch;

  /** @param {import('vitest/node').TestModule} file */
  onTestModuleStart(file) {
    this.#running.add(file.moduleId);
    this.#expectNews();
  }

  onTestCaseResult() {
    this.#expectNews();
  }

  /** @param {import('vitest/node').TestModule} file */
  onTestModuleEnd(file) {
    this.#running.delete(file.moduleId);
    this.#files.push(file);
    this.#write(this.#files, [], false);
  }

  #expectNews() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      const files = [...this.#running].join(', ');
      console.error(`slotmesh: no news for ${SILENCE_S_MAX} s from ${files}`);
      process.exit(1);
    }, SILENCE_S_MAX * 1000).unref();
  }

  /**
   * @param {readonly import('vitest/node').TestModule[]} files
   * @param {readonly unknown[]} unhandledErrors
   * @param {string} reason
   */
  onTestRunEnd(files, unhandledErrors, reason) {
    this.#write(files, unhandledErrors, reason !== 'interrupted');
  }

  /**
   * @param {readonly import('vitest/node').TestModule[]} files
   * @param {readonly unknown[]} unhandledErrors
   * @param {boolean} finished
   */
  #write(files, unhandledErrors, finished) {
    if (this.#output === undefined) return;
    const counts = countTests(files, unhandledErrors);
    writeFileSync(this.#output, JSON.stringify({ counts, finished }));
  }
}
