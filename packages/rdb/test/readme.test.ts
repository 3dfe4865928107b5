import { it } from 'vitest';
import { runReadmeExample } from '../../../scripts/readme-example.ts';

it('the example in the README runs', async () => {
  await runReadmeExample('packages/rdb');
});
