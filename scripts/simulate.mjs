// npm run simulate [-- options]: installs, builds, and runs the simulator. With --mutant NAME the rules have a known
// bug: they are built apart, in a folder that is removed afterwards.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, launch, root, run } from './lib/run.mjs';
import { runTypeScript } from './lib/typescript.mjs';
import { installAndBuild } from './lib/workspace.mjs';

await launch(async () => {
  const args = process.argv.slice(2);
  const env = { INIT_CWD: process.cwd(), ...(await installAndBuild()) };
  const mutant = mutantOf(args);
  if (mutant !== null) return simulateMutant(mutant, args, env);
  const main = join(root, 'packages', 'simulator', 'dist', 'cli', 'main.js');
  return (await run(process.execPath, [main, ...args], { env })).code;
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
  const directory = mkdtempSync(join(tmpdir(), 'slotmesh-mutant-'));
  try {
    const { code } = await runTypeScript('scripts/simulate/mutant.ts', [name, directory], env);
    if (code !== 0) throw new Failure('', 2);
    const note = JSON.parse(readFileSync(join(directory, 'note.json'), 'utf8'));
    const mutantEnv = { ...env, SLOTMESH_MUTANT: JSON.stringify(note.mutant) };
    return (await run(process.execPath, [note.main, ...args], { env: mutantEnv })).code;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
