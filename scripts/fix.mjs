// npm run fix: formats the code and applies the linter's safe fixes.

import { join } from 'node:path';
import { launch, root, run } from './lib/run.mjs';
import { install } from './lib/workspace.mjs';

await launch(async () => {
  const env = await install();
  const biome = join(root, 'node_modules', '.bin', 'biome');
  return (await run(biome, ['check', '--write', '.'], { env })).code;
});
