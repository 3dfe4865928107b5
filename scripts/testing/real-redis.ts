// What tests need that hold our work against the real redis-server.

import { afterAll, beforeAll, describe, it } from 'vitest';
import { redisServerVersion, runningServers } from './redis-server.ts';

export {
  BUS_PORT_OFFSET,
  freeClusterPort,
  freePort,
  type TemporaryDirectory,
  temporaryDirectory,
} from './ports.ts';
export {
  type RedisOptions,
  type RedisServer,
  redisServerVersion,
  runRedisCli,
  runTool,
  startRedis,
  type ToolOptions,
  type ToolResult,
} from './redis-server.ts';

const MISSING =
  'redis-server is not installed (it is installed by apt-get when the tests run as root)';

/**
 * A `describe` whose tests need redis-server. Where it is missing they are skipped and the name says why; with CI=true
 * that is a failure, so that a build server cannot lose these tests unnoticed. Servers that the tests forgot to stop
 * are stopped at the end.
 */
export function describeWithRedis(name: string, fn: () => void): void {
  if (redisServerVersion() === null) {
    if (process.env.CI === 'true') {
      describe(name, () => {
        it('needs redis-server', () => {
          throw new Error(MISSING);
        });
      });
    } else {
      describe.skip(`${name} (skipped: ${MISSING})`, fn);
    }
    return;
  }
  describe(name, () => {
    let before = new Set(runningServers);
    beforeAll(() => {
      before = new Set(runningServers);
    });
    fn();
    afterAll(async () => {
      const forgotten = [...runningServers].filter((server) => !before.has(server));
      await Promise.all(forgotten.map((server) => server.stop('SIGKILL')));
    });
  });
}
