// npm run bench [-- [--quick] [package]...]: prints the figures, of all packages or of those that are named.

import { launch } from './lib/run.mjs';
import { runTypeScript } from './lib/typescript.mjs';
import { installAndBuild } from './lib/workspace.mjs';

await launch(async () => {
  const env = await installAndBuild(); // the node's benches start its binary
  return (await runTypeScript('scripts/bench/main.ts', process.argv.slice(2), env)).code;
});
