import { test } from 'vitest';
import { run } from '../bench/execute.bench.ts';

test('the bench runs', () => run({ quick: true }));
