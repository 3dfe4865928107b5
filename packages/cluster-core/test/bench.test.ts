import { afterEach, beforeEach, expect, it, type MockInstance, vi } from 'vitest';
import { run as formCluster } from '../bench/form-cluster.bench.ts';
import { run as route } from '../bench/route.bench.ts';

let print: MockInstance;
beforeEach(() => {
  print = vi.spyOn(console, 'log').mockImplementation(() => {});
});
afterEach(() => {
  expect(print).toHaveBeenCalled();
  print.mockRestore();
});

it('the bench of clusters in virtual time runs, and its results are checked', async () => {
  await formCluster({ quick: true });
});

it('the bench of routing runs, and its results are checked', async () => {
  await route({ quick: true });
});
