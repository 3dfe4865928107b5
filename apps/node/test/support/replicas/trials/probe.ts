// Writes one key at one node, again and again whatever it answers, and notes which of the writes were acknowledged: the
// node's own view of whether it may be written.

import { setTimeout as delay } from 'node:timers/promises';
import { RespConnection } from '../../../interop/support/resp-connection.ts';
import { SEPARATOR } from '../load/history.ts';
import { within } from '../within.ts';

/** An unbroken row of acknowledged writes. Times are of the monotonic clock. */
export interface Acknowledging {
  /** When the answer to the first one had been read: from then on the node was acknowledging for certain... */
  readonly fromMs: number;
  /** ...until the last one had been sent. It may be before `fromMs` where there was only one. */
  toMs: number;
  /** When the answer to the last one was read. */
  answeredMs: number;
  writes: number;
}

const INTERVAL_MS = 5;
const TIMEOUT_MS = 1000;

export class Probe {
  readonly port: number;
  readonly rows: Acknowledging[] = [];
  /** Values that were acknowledged, with the time of the answer. */
  readonly acknowledged: { readonly value: string; readonly answeredMs: number }[] = [];
  /** The last refusal. */
  lastError = '';
  readonly #key: string;
  readonly #running: Promise<void>;
  #stopping = false;
  #onAcknowledged: () => void = () => undefined;

  /** Appends values to the string under `key`, so that all that were acknowledged can be looked for later. */
  constructor(port: number, key: string) {
    this.port = port;
    this.#key = key;
    this.#running = this.#run();
    this.#running.catch(() => undefined); // `stop` tells it
  }

  /** Resolves when a write has been acknowledged that was sent after this call. */
  nextAcknowledged(): Promise<void> {
    const askedMs = performance.now();
    return new Promise((resolve) => {
      this.#onAcknowledged = () => {
        if ((this.rows.at(-1)?.toMs ?? 0) >= askedMs) resolve();
      };
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    let connection: RespConnection | null = null;
    let row: Acknowledging | null = null;
    for (let n = 0; !this.#stopping; n++) {
      const value = `${this.port}:${n}`;
      try {
        connection ??= await within(TIMEOUT_MS, RespConnection.open(this.port));
        const sentMs = performance.now();
        await within(TIMEOUT_MS, connection.call('APPEND', this.#key, `${value}${SEPARATOR}`));
        const answeredMs = performance.now();
        this.acknowledged.push({ value, answeredMs });
        if (row === null) {
          row = { fromMs: answeredMs, toMs: sentMs, answeredMs, writes: 0 };
          this.rows.push(row);
        }
        row.toMs = sentMs;
        row.answeredMs = answeredMs;
        row.writes++;
        this.#onAcknowledged();
      } catch (error) {
        this.lastError = (error as Error).message;
        row = null;
        if (!connection?.isOpen || (error as Error).name === 'TimeoutError') {
          connection?.close();
          connection = null;
        }
      }
      await delay(INTERVAL_MS);
    }
    connection?.close();
  }
}

/** How long two nodes acknowledged writes at the same time, for certain. */
export function overlapMs(
  ours: readonly Pick<Acknowledging, 'fromMs' | 'toMs'>[],
  theirs: readonly Pick<Acknowledging, 'fromMs' | 'toMs'>[],
): number {
  let total = 0;
  for (const a of ours) {
    for (const b of theirs) {
      total += Math.max(0, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs));
    }
  }
  return total;
}
