import { it } from 'vitest';
import { run } from '../bench/memory.bench.ts';

it('the memory bench runs and checks its tables', () => run({ quick: true }));
