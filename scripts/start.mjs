// npm start [-- options]: installs, builds, and becomes slotmesh-cluster.
//
// It becomes it by loading it into this process. So there is no process in between that would have to pass on signals
// and exit codes, and a Ctrl-C arrives exactly once.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch, root } from './lib/run.mjs';
import { installAndBuild } from './lib/workspace.mjs';

const program = join(root, 'apps', 'node', 'bin', 'slotmesh-cluster');
let ready = false;

await launch(async () => {
  await installAndBuild();
  ready = true;
  return 0;
});

if (ready) {
  process.exitCode = undefined;
  process.argv[1] = program;
  await import(pathToFileURL(program).href);
}
