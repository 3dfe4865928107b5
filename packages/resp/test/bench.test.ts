import { it } from 'vitest';
import { run } from '../bench/reply-decoding.bench.ts';

it('the bench of reply decoding runs, and all decoders agree', async () => {
  await run({ quick: true });
});
