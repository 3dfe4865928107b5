import { test } from 'vitest';
import { run } from '../bench/speed.bench.ts';

test('the bench of the engine runs', async () => {
  await run({ quick: true });
});
