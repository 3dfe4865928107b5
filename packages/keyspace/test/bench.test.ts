import { test } from 'vitest';
import { run as runGrowth } from '../bench/growth.bench.ts';
import { run as runKeyspace } from '../bench/keyspace.bench.ts';

test('the bench of single calls runs', () => runKeyspace({ quick: true }));
test('the bench of growth, memory and pauses runs', () => runGrowth({ quick: true }));
