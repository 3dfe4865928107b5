// Waiting for a condition. Tests of processes never sleep and hope: they ask until the answer is right, or fail with the
// last answer at a deadline that is far beyond what a healthy system needs.

import { setTimeout as delay } from 'node:timers/promises';

/** How long and how often is asked. */
export interface WaitOptions {
  /** 30 s unless told otherwise: only a failing test waits that long. */
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/**
 * Runs `check` until it does not throw, and gives its value. At the deadline the last failure is thrown again, with what
 * was waited for.
 */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<T> {
  const { timeoutMs = 30_000, intervalMs = 100 } = options;
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= giveUpAt) {
        const last = error instanceof Error ? error.message : String(error);
        throw new Error(`waited ${timeoutMs} ms in vain: ${what}\nlast answer: ${last}`, {
          cause: error,
        });
      }
    }
    await delay(intervalMs);
  }
}
