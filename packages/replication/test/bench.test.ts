import { expect, it, vi } from 'vitest';
import { run } from '../bench/replication.bench.ts';

it('the bench runs, and its results are checked', async () => {
  const print = vi.spyOn(console, 'log').mockImplementation(() => {});
  await run({ quick: true });
  expect(print).toHaveBeenCalled();
  print.mockRestore();
});
