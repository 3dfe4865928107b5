import { expect, it, vi } from 'vitest';
import { run } from '../../bench/hundred-nodes.bench.ts';

it('the bench of many nodes runs and prints its row', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    await run({ quick: true });
    expect(log.mock.calls.flat().join('\n')).toMatch(/^ *4 +\d+\.\d s +\d+ ms +\d+ KiB /m);
  } finally {
    log.mockRestore();
  }
});
