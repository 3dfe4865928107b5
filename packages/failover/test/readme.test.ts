import { it } from 'vitest';
import { runReadmeExample } from '../../../scripts/readme-example.ts';

it('the example of the README runs', () => runReadmeExample('packages/failover'));
