import { test } from 'vitest';
import { runReadmeExample } from '../../../scripts/readme-example.ts';

test('the example of the README works', () => runReadmeExample('packages/commands'));
