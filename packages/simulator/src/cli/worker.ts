// A worker thread: runs the seeds that it is told, one after the other.

import { parentPort } from 'node:worker_threads';
import { runSeed } from '../run-seed.ts';
import type { Answer, SeedTask } from './pool.ts';

function answer({ seed, settings, base }: SeedTask): Answer {
  try {
    return { outcome: runSeed(seed, settings, { base }) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (task: SeedTask) => {
  parentPort?.postMessage(answer(task));
});
