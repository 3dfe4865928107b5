import { it } from 'vitest';
import { run } from '../bench/nodes-conf.bench.ts';

it('the nodes-conf.bench runs and checks its tables', () => run({ quick: true }));
