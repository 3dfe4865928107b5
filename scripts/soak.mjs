// npm run soak [-- options]: installs, builds, and lets faults loose on a cluster of processes under load.

import { launch } from './lib/run.mjs';
import { runTypeScript } from './lib/typescript.mjs';
import { installAndBuild } from './lib/workspace.mjs';

await launch(async () => {
  const env = await installAndBuild(); // the soak starts the node's binary
  return (await runTypeScript('apps/node/soak/main.ts', process.argv.slice(2), env)).code;
});
