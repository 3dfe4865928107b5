// WAIT: clients that want to know that replicas have what they wrote. All of a batch share one GETACK in the stream.

import type { Context } from './context.ts';
import type { WaitEnd } from './contract.ts';
import { WAITERS_MAX } from './limits.ts';
import type { ReplicaTable } from './replica-table.ts';

interface Wait {
  readonly waiter: number;
  readonly offset: number;
  readonly count: number;
  /** Infinite for one that waits for ever. */
  readonly untilMs: number;
}

export class Waits {
  readonly #context: Context;
  readonly #table: ReplicaTable;
  readonly #waits = new Map<number, Wait>();
  /** Somebody waits for acks that nobody has asked for yet. */
  wantsAcks = false;

  constructor(context: Context, table: ReplicaTable) {
    this.#context = context;
    this.#table = table;
  }

  get size(): number {
    return this.#waits.size;
  }

  /** `timeoutMs` 0 is for ever. Who has not to wait is answered at once. */
  add(waiter: number, offset: number, count: number, timeoutMs: number): void {
    const { nowMs } = this.#context;
    const untilMs = timeoutMs === 0 ? Number.POSITIVE_INFINITY : nowMs + timeoutMs;
    const wait = { waiter, offset, count, untilMs };
    const acked = this.#table.countAcked(offset);
    if (acked >= count || this.#waits.size >= WAITERS_MAX) {
      this.#end(wait, acked, acked >= count ? 'acked' : 'timeout');
      return;
    }
    this.#waits.set(waiter, wait);
    this.wantsAcks = true;
  }

  cancel(waiter: number): void {
    this.#waits.delete(waiter);
  }

  /** Answers those for whom enough acks have come, the oldest first. */
  settle(): void {
    if (this.#waits.size === 0) return;
    // Most wait for the same few offsets.
    const counts = new Map<number, number>();
    for (const wait of this.#waits.values()) {
      let acked = counts.get(wait.offset);
      if (acked === undefined) {
        acked = this.#table.countAcked(wait.offset);
        counts.set(wait.offset, acked);
      }
      if (acked >= wait.count) this.#end(wait, acked, 'acked');
    }
  }

  tick(): void {
    for (const wait of this.#waits.values()) {
      if (wait.untilMs > this.#context.nowMs) continue;
      this.#end(wait, this.#table.countAcked(wait.offset), 'timeout');
    }
  }

  /** This node is no primary any more. */
  demote(): void {
    for (const wait of this.#waits.values()) this.#end(wait, 0, 'demoted');
    this.wantsAcks = false;
  }

  #end({ waiter }: Wait, count: number, reason: WaitEnd): void {
    this.#waits.delete(waiter);
    this.#context.push({ kind: 'waitDone', waiter, count, reason });
  }
}
