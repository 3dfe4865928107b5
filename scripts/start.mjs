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

/**
 * npm passes SIGINT and SIGTERM on, but can pass on nothing when it is killed itself: whoever waits for it would never
 * learn that the cluster goes on.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event !== 'start') return;
  const npm = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}

if (ready) {
  process.exitCode = undefined;
  endWithNpm();
  process.argv[1] = program;
  await import(pathToFileURL(program).href);
}
