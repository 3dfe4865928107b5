// A vitest reporter that keeps the counts of the run in a file, up to date after every test file, so that they are
// known even if the run breaks off.

import { writeFileSync } from 'node:fs';
import { countTests } from './summary.mjs';

export default class SummaryReporter {
  #output = process.env.SLOTMESH_TEST_SUMMARY;
  /** @type {import('vitest/node').TestModule[]} */
  #files = [];

  /** @param {import('vitest/node').TestModule} file */
  onTestModuleEnd(file) {
    this.#files.push(file);
    this.#write(this.#files, [], false);
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
