// A thread that plays a script with the rules beside it, and says what came otherwise.

import { parentPort, workerData } from 'node:worker_threads';
import { describeDifferences, runScript } from '../../script/runner.ts';

function play(script: string): string | null {
  try {
    const { differences } = runScript(script);
    return differences.length === 0 ? null : describeDifferences(differences);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

parentPort?.postMessage(play(workerData as string));
