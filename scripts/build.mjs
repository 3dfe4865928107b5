// npm run build: installs the dependencies and builds every package, in the order of their dependencies.

import { launch } from './lib/run.mjs';
import { installAndBuild } from './lib/workspace.mjs';

await launch(async () => {
  await installAndBuild();
  return 0;
});
