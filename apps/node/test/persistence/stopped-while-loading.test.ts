// A node that is told to end while it loads its data ends at once, as redis-server does, and the file stays as it is.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Config, loadConfigText, Node } from '../../src/index.ts';
import { TestClient } from '../support/client.ts';

const SILENT = { writeLog: () => undefined };

let directory: string;
let config: Config;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'slotmesh-loading-'));
  config = new Config();
  loadConfigText(
    config,
    `port 0\nunixsocket ${join(directory, 'socket')}\ndir ${directory}\nsave 3600 1`,
  );
});
afterEach(() => rmSync(directory, { recursive: true }));

it('ends, and does not save what it has loaded so far', async () => {
  const first = await Node.start({ config, ...SILENT });
  const client = await TestClient.connect(join(directory, 'socket'));
  for (let i = 0; i < 100; i++) await client.call('SET', `key:${i}`, 'x'.repeat(10_000));
  expect(await first.stop()).toBe(true);
  const file = readFileSync(join(directory, 'dump.rdb'));

  const stopped: Promise<boolean>[] = [];
  const onListening = (node: Node): void => void stopped.push(node.stop());
  await expect(Node.start({ config, ...SILENT, onListening })).rejects.toThrow(
    'Stopped before the data were loaded.',
  );
  expect(await Promise.all(stopped)).toEqual([true]);
  expect(readFileSync(join(directory, 'dump.rdb'))).toEqual(file);

  const third = await Node.start({ config, ...SILENT });
  const again = await TestClient.connect(join(directory, 'socket'));
  expect(await again.call('DBSIZE')).toBe(100);
  await third.stop();
});
