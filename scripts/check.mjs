// npm run check: checks everything and writes nothing but what git ignores (the build). All steps run, also after one
// with findings.

import { join } from 'node:path';
import { Failure, launch, root, run } from './lib/run.mjs';
import { runTypeScript } from './lib/typescript.mjs';
import { install, installAndBuild } from './lib/workspace.mjs';

await launch(async () => {
  const env = await install();
  /**
   * @param {string} name a tool's name
   * @param {readonly string[]} args
   */
  const tool = async (name, ...args) =>
    (await run(join(root, 'node_modules', '.bin', name), args, { env })).code;
  /** @param {readonly string[]} args */
  const ours = async (...args) => (await runTypeScript('scripts/check/main.ts', args, env)).code;
  const examples = join(root, 'node_modules', '.cache', 'slotmesh', 'examples');

  /** @type {[string, () => Promise<number>][]} */
  const steps = [
    ['types of the sources (the build)', build],
    ['types of tests, benches and scripts', () => tool('tsc', '-p', 'tsconfig.test.json')],
    [
      "types of the READMEs' examples",
      async () => (await ours('examples', examples)) || (await tool('tsc', '-p', examples)),
    ],
    ['lint and format', () => tool('biome', 'check', '--error-on-warnings', '.')],
    ['layers, cycles, purity, files', () => ours('sources')],
    ['fit to be published', () => ours('publish')],
  ];
  const failed = [];
  for (const [i, [name, step]] of steps.entries()) {
    const start = performance.now();
    console.log(`\n[${i + 1}/${steps.length}] ${name}`);
    if ((await step()) !== 0) failed.push(name);
    console.log(
      `  ${failed.includes(name) ? 'FAILED' : 'ok'} in ${seconds(performance.now() - start)}`,
    );
  }
  console.log(failed.length === 0 ? '\ncheck: ok' : `\ncheck: findings in ${failed.join('; ')}`);
  return failed.length === 0 ? 0 : 1;
});

/** Builds, and makes a build that fails a finding like any other. */
async function build() {
  try {
    await installAndBuild();
    return 0;
  } catch (error) {
    if (error instanceof Failure) return 1;
    throw error;
  }
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
