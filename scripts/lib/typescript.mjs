// How launchers start the parts of the tooling that are TypeScript.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run } from './run.mjs';

/**
 * Runs a TypeScript file of this repository in a process of its own.
 *
 * @param {string} file from the root, such as `scripts/bench/main.ts`
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export function runTypeScript(file, args, env) {
  const register = pathToFileURL(join(root, 'scripts', 'lib', 'register-ts.mjs')).href;
  return run(
    process.execPath,
    // Newer versions warn that their own type stripping is new, or that the hooks are; both are pinned by our tests.
    ['--disable-warning=ExperimentalWarning', '--import', register, join(root, file), ...args],
    { env },
  );
}
