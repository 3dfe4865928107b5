// Starts two nodes, pauses one, says who they are, and waits to be ended: for the test that nothing is left behind.

import { Fleet } from '../../interop/support/fleet.ts';
import { redisServer } from '../../interop/support/server-process.ts';

const servers = await new Fleet().start([redisServer, redisServer]);
servers[1].pause();
console.log(
  JSON.stringify(servers.map(({ pid, directory }) => ({ pid, directory: directory.path }))),
);
setInterval(() => undefined, 1000);
