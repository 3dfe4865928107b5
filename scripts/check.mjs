// npm run check: checks everything and writes nothing but what git ignores (the build). All steps run, also after one
// with findings.

import { join } from 'node:path';
import { Failure, launch, root, run } from './lib/run.mjs';
import { runTypeScript } from './lib/typescript.mjs';
import { install, installAndBuild } from './lib/workspace.mjs';

await launch(async () => {
  const env = await install();
  /** @param {string} name */
  const tool = (name) => join(root, 'node_modules', '.bin', name);
  /** @type {[string, () => Promise<number>][]} */
  const steps = [
    ['types of the sources (the build)', build],
    [
      'types of tests, benches and scripts',
      async () => (await run(tool('tsc'), ['-p', 'tsconfig.test.json'], { env })).code,
    ],
    [
      'lint and format',
      async () => (await run(tool('biome'), ['check', '--error-on-warnings', '.'], { env })).code,
    ],
    [
      'layers, cycles, purity, files',
      async () => (await runTypeScript('scripts/check/main.ts', ['sources'], env)).code,
    ],
    [
      'fit to be published',
      async () => (await runTypeScript('scripts/check/main.ts', ['publish'], env)).code,
    ],
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
