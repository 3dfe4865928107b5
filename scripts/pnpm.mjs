// node scripts/pnpm.mjs <arguments>: runs pnpm in the version that package.json names, fetched by npm if need be.

import { launch, run } from './lib/run.mjs';
import { checkNode, pnpmEnvironment } from './lib/workspace.mjs';

await launch(async () => {
  checkNode();
  const env = await pnpmEnvironment();
  return (await run('pnpm', process.argv.slice(2), { env })).code;
});
