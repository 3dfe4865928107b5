import { it } from 'vitest';
import { run } from '../bench/rdb.bench.ts';

it('the bench runs, and what it writes comes back', async () => {
  await run({ quick: true });
});
