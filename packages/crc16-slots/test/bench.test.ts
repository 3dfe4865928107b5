import { it } from 'vitest';
import { run } from '../bench/key-slot.bench.ts';

it('the bench of keySlot runs, and both sides agree', async () => {
  await run({ quick: true });
});
