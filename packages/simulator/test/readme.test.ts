import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import { runReadmeExample } from '../../../scripts/readme-example.ts';

test('the example of the README runs', async () => {
  await runReadmeExample(fileURLToPath(new URL('..', import.meta.url)));
});
