// A connection to one peer that is meant to stand always: opened again after a wait that grows, closed when it cannot be
// opened in time or when nothing has arrived for too long. Health is what the traffic says, not what the socket says: a
// peer that was cut off silently keeps its socket for hours.

import type { Random } from '@slotmesh/machine';
import { Backoff, type BackoffOptions, DEFAULT_BACKOFF } from './backoff.ts';
import { type CloseReason, Connection } from './connection.ts';
import { NO_OUTPUT_LIMITS, type OutputLimits } from './output-meter.ts';
import type { TurnEnd } from './turn.ts';

export interface LinkHandler {
  onUp(): void;
  /** Bytes arrived; `chunk` is valid during the call only. */
  onData(chunk: Uint8Array): void;
  /** It went down, or an attempt failed; the next attempt comes after `retryMs`. */
  onDown(reason: CloseReason, retryMs: number): void;
}

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  readonly random: Random;
  readonly localAddress?: string;
  readonly backoff?: BackoffOptions;
  /** How long an attempt may take. Default 5,000 ms. */
  readonly connectTimeoutMs?: number;
  /** How long nothing may arrive on a link that stands; 0 = for ever. Default 0. */
  readonly idleTimeoutMs?: number;
  readonly limits?: OutputLimits;
}

export type LinkState = 'connecting' | 'up' | 'waiting' | 'closed';

export class ReconnectingLink {
  readonly #options: LinkOptions;
  readonly #turnEnd: TurnEnd;
  readonly #handler: LinkHandler;
  readonly #backoff: Backoff;
  #connection: Connection | null = null;
  #state: LinkState = 'connecting';
  #timer: NodeJS.Timeout | undefined;

  /** Starts to connect at once. */
  constructor(options: LinkOptions, turnEnd: TurnEnd, handler: LinkHandler) {
    this.#options = options;
    this.#turnEnd = turnEnd;
    this.#handler = handler;
    this.#backoff = new Backoff(options.random, options.backoff ?? DEFAULT_BACKOFF);
    this.#connect();
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Whether something arrived within the last `withinMs`. */
  healthy(withinMs: number): boolean {
    return this.#state === 'up' && this.#quietMs() <= withinMs;
  }

  /** Sends `bytes` at the end of the turn; false: the link is down and they were dropped. */
  write(bytes: Uint8Array): boolean {
    if (this.#state !== 'up') return false;
    this.#connection?.write(bytes);
    return true;
  }

  /** Ends it for good. The handler hears nothing more. */
  close(): void {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#connection?.destroy();
  }

  #quietMs(): number {
    return this.#connection?.quietMs(performance.now()) ?? 0;
  }

  #connect(): void {
    this.#state = 'connecting';
    const { host, port, localAddress } = this.#options;
    const connection = Connection.open(
      { host, port, ...(localAddress === undefined ? {} : { localAddress }) },
      this.#turnEnd,
      {
        onConnected: () => this.#up(),
        onData: (chunk) => {
          if (this.#state === 'up') this.#handler.onData(chunk);
        },
        onClosed: (reason) => this.#down(reason),
      },
    );
    connection.limits = this.#options.limits ?? NO_OUTPUT_LIMITS;
    this.#connection = connection;
    this.#timer = setTimeout(
      () => connection.destroy({ kind: 'timeout', phase: 'connect' }),
      this.#options.connectTimeoutMs ?? 5_000,
    );
  }

  #up(): void {
    if (this.#state === 'closed') return;
    clearTimeout(this.#timer);
    this.#state = 'up';
    this.#backoff.succeeded();
    this.#watchIdle();
    this.#handler.onUp();
  }

  /** One timer a link, set again for what is left whenever it fires: traffic itself touches no timer. */
  #watchIdle(): void {
    const allowedMs = this.#options.idleTimeoutMs ?? 0;
    if (allowedMs === 0) return;
    const leftMs = allowedMs - this.#quietMs();
    if (leftMs <= 0) this.#connection?.destroy({ kind: 'timeout', phase: 'idle' });
    else this.#timer = setTimeout(() => this.#watchIdle(), Math.ceil(leftMs));
  }

  #down(reason: CloseReason): void {
    clearTimeout(this.#timer);
    this.#connection = null;
    if (this.#state === 'closed') return;
    this.#state = 'waiting';
    const retryMs = this.#backoff.failed();
    this.#timer = setTimeout(() => this.#connect(), retryMs);
    this.#handler.onDown(reason, retryMs);
  }
}
