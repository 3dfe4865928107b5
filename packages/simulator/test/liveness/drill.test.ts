// The bounds of the drill.

import { expect, test } from 'vitest';
import { electionsMax } from '../../src/liveness/drill.ts';

test('each failed primary may take five elections, and one more for each further replica of its', () => {
  expect(electionsMax([1])).toBe(5);
  expect(electionsMax([1, 1])).toBe(10);
  // What six of the same data need where the first two draw the same: one round is lost, the next one won.
  expect(electionsMax([6])).toBeGreaterThanOrEqual(7);
  expect(electionsMax([6])).toBeLessThan(12);
});
