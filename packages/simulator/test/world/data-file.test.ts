// With what a simulated node comes back, and what it makes of that.

import { encodeCommand } from '@slotmesh/resp';
import { beforeEach, describe, expect, test } from 'vitest';
import { DataSet } from '../../src/data/data-set.ts';
import { nodeDisk, optionsOf, stream } from '../../src/index.ts';
import type { ClusterNode } from '../../src/world/cluster-node.ts';
import { ClusterWorld } from '../../src/world/cluster-world.ts';
import { DATA_FILE } from '../../src/world/data-file.ts';
import { startFromFiles } from '../../src/world/from-files.ts';

const ID = 'a'.repeat(40);

let world: ClusterWorld;
let primary: ClusterNode;

beforeEach(() => {
  const drawn = optionsOf(1, { beyond: [] });
  const cluster = { ...drawn.cluster, nodeTimeoutMs: 2000, recoverySilence: true };
  world = new ClusterWorld({ options: { ...drawn, cluster }, disk: nodeDisk, watch: () => [] });
  const nodes = Array.from({ length: 6 }, () => world.createNode());
  startFromFiles(nodes, { voters: 3, replicas: 3 }, world.dice('test'));
  world.run(2000);
  [primary] = nodes;
});

/** Is killed, and comes back with a file that says this of its history, and has so many keys. */
function comeBack(history: readonly string[], keys: number): void {
  primary.stop('killed', stream(1, 'test'));
  const data = new DataSet();
  for (let value = 1; value <= keys; value++) data.apply({ kind: 'add', slot: 0, value });
  const head = encodeCommand(['HISTORY', ...history]);
  const bytes = Uint8Array.from([...head, ...data.snapshot()]);
  primary.dataDisk.replace(DATA_FILE, { bytes: () => bytes }, () => {});
  world.run(1000);
  primary.start();
}

describe('a primary that comes back keeps silent', () => {
  test('without a file', () => {
    primary.stop('killed', stream(1, 'test'));
    primary.loseDataFile();
    primary.start();
    expect(primary.isSilent).toBe(true);
  });

  test('with a file that has neither a key nor a history', () => {
    comeBack([], 0);
    expect(primary.isSilent).toBe(true);
  });

  test('with a file without a key, of a history that had not begun', () => {
    comeBack([ID, '0', '0'], 0);
    expect(primary.isSilent).toBe(true);
  });
});

describe('a primary that comes back is there', () => {
  test('with keys', () => {
    comeBack([ID, '0', '0'], 1);
    expect(primary.isSilent).toBe(false);
  });

  test('with a history in which all keys have gone again', () => {
    comeBack([ID, '100', '0'], 0);
    expect(primary.isSilent).toBe(false);
  });
});
