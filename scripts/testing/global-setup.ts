// Runs once before the tests of a run, in vitest's own process.

import { ensureRedis } from './install-redis.ts';

export default function setup(): void {
  const problem = ensureRedis((line) => console.log(line));
  if (problem === null) return;
  const outcome = process.env.CI === 'true' ? 'fail' : 'are skipped';
  console.warn(`${problem}: tests that need it ${outcome}`);
}
