import { test } from 'vitest';
import { run } from '../bench/keyspace.bench.ts';

test('the bench runs', () => run({ quick: true }));
