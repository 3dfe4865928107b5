import { expect, it, vi } from 'vitest';
import { run } from '../bench/connection.bench.ts';

it('the bench runs and prints its rows', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    await run({ quick: true });
    expect(log.mock.calls.flat().join('\n')).toMatch(/^ *1 .*x\n *16 .*x$/m);
  } finally {
    log.mockRestore();
  }
});
