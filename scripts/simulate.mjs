// npm run simulate [-- options]: installs, builds, and runs the simulator. With --mutant NAME the rules have a known
// bug: they are built apart, in a folder that is removed afterwards. With --mutants all known bugs are looked for.

import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Failure, launch, root, run } from './lib/run.mjs';
import { installAndBuild } from './lib/workspace.mjs';

const cli = join(root, 'packages', 'simulator', 'dist', 'cli');

await launch(async () => {
  const args = process.argv.slice(2);
  const env = { INIT_CWD: process.cwd(), ...(await installAndBuild()) };
  const mutant = mutantOf(args);
  if (mutant !== null) return simulateMutant(mutant, args, env);
  const main = args.includes('--mutants') ? join('mutants', 'main.js') : 'main.js';
  return (await run(process.execPath, [join(cli, main), ...args], { env })).code;
});

/**
 * @param {readonly string[]} args
 * @returns {string | null}
 */
function mutantOf(args) {
  const at = args.findIndex((word) => word === '--mutant' || word.startsWith('--mutant='));
  if (at === -1) return null;
  return args[at].startsWith('--mutant=') ? args[at].slice(9) : (args[at + 1] ?? '');
}

/**
 * @param {string} name
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
async function simulateMutant(name, args, env) {
  const mutants = await import(pathToFileURL(join(cli, 'mutants', 'index.js')).href);
  try {
    const mutant = mutants.findMutant(name);
    const build = mutants.buildMutant(mutant);
    try {
      // Those that scripts tell have no options of their own.
      const note = JSON.stringify({ name, options: mutant.options });
      const command = [fileURLToPath(build.main), ...args];
      return (await run(process.execPath, command, { env: { ...env, SLOTMESH_MUTANT: note } }))
        .code;
    } finally {
      build.remove();
    }
  } catch (error) {
    if (!(error instanceof mutants.MutantError)) throw error;
    throw new Failure(/** @type {Error} */ (error).message, 2);
  }
}
